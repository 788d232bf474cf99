"""The fields of the form: how each is asked for, in which part of the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from facsimile.data.description import DataSetDescription, FileType, Kind

#: chain: one choice below the other, in their order; lines: one value a line.
Control = Literal["text", "area", "lines", "choice", "checks", "check", "number", "chain"]
Option = tuple[str, str]  # value, words

SIDES = ("64", "128", "256", "512")
CROPS = (
    ("face", "around the face"),
    ("no", "no"),
    *((side, f"{side} pixels") for side in SIDES),
    ("custom", "custom"),
)
RESIZES = (
    ("none", "none"),
    ("fit", "fit within height and width"),
    ("fill", "fill height and width, cut what is over"),
    ("stretch", "stretch to height and width"),
)


@dataclass(frozen=True)
class Field:
    """A field of the form.

    Args:
        name: That of the description, or `crop_side`.
        label: What it is called on the page.
        control: How it is asked for.
        options: What may be chosen.
        wide: Whether it takes the whole width.
        shown_with: `field=value` of the choice that it belongs to; else it is hidden.
    """

    name: str
    label: str
    control: Control = "text"
    options: tuple[Option, ...] = ()
    wide: bool = False
    shown_with: str = ""

    @property
    def required(self) -> bool:
        """Whether there is no data set without it."""
        known = DataSetDescription.model_fields.get(self.name)
        return known is not None and known.is_required()

    @property
    def help(self) -> str:
        """Words for people who see a form, or else the schema's own."""
        known = DataSetDescription.model_fields.get(self.name)
        return _HELP.get(self.name) or (known and known.description) or ""


_HELP = {
    "crop": "Around the face, the usual side or another; no: they are face crops already",
    "crop_side": "Pixels, from 16 to 2048",
    "val_people": "Name patterns such as orl_s3*, one a line",
    "test_people": "Name patterns, one a line",
    "official_split": "Where it has one",
    "name": "Small letters, digits, - and _: it names the file and the folders",
}


@dataclass(frozen=True)
class Part:
    """Fields that belong together, below a heading."""

    title: str
    fields: tuple[Field, ...]


def _same(kind: object) -> tuple[Option, ...]:
    return tuple((value, value) for value in get_args(kind))


PARTS = (
    Part(
        "Name and details",
        (
            Field("name", "Name"),
            Field("details", "Details", "area", wide=True),
        ),
    ),
    Part(
        "Where the data are",
        (
            Field("root", "Folder, archive or address", wide=True),
            Field("kind", "Kind of data set", "choice", _same(Kind)),
            Field("pattern", "Pattern of the paths"),
            Field("table", "Table of labels"),
            Field("file_types", "File types", "checks", _same(FileType), wide=True),
        ),
    ),
    Part(
        "What it may be used for",
        (
            Field("licence", "Licence", "area"),
            Field("consent", "Consent", "area"),
            Field("source", "Source", "area"),
            Field("citation", "Citation", "area"),
        ),
    ),
    Part(
        "Pictures",
        (
            Field("resize", "Resize", "choice", RESIZES),
            Field("height", "Height", "number"),
            Field("width", "Width", "number"),
            Field("colour", "Colour", "choice", (("rgb", "colour"), ("grey", "grey"))),
            Field("crop", "Crop", "choice", CROPS),
            Field("crop_side", "Side of the crop", "number", shown_with="crop=custom"),
            Field("coverage", "Field of view"),
            Field("frames", "Frames of a video", "number"),
        ),
    ),
    Part(
        "Training, validation and test",
        (
            Field("val_share", "Share for validation"),
            Field("test_share", "Share for testing"),
            Field("val_people", "People for validation", "lines"),
            Field("test_people", "People for testing", "lines"),
            Field("official_split", "Keep the data set's own split", "check", wide=True),
        ),
    ),
    Part(
        "Faces and degradations",
        (
            Field("detector", "Face detector", "choice"),
            Field("degradations", "Degradations, one after another", "chain", wide=True),
        ),
    ),
)

FIELDS = {field.name: field for part in PARTS for field in part.fields}


def parts(options: Mapping[str, tuple[Option, ...]]) -> Iterator[Part]:
    """The parts of the form, with the options that only the running studio knows."""
    for part in PARTS:
        fields = [
            replace(field, options=options.get(field.name, field.options)) for field in part.fields
        ]
        yield replace(part, fields=tuple(fields))
