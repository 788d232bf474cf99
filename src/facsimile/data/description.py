"""What may be said of a data set: one schema for the command line, the web page and the API."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

Kind = Literal[
    "folder",
    "dfdc",
    "faceforensics",
    "openforensics",
    "openforensics_crops",
    "fakes",
    "self_blended",
]
FileType = Literal["jpg", "png", "webp", "tiff", "bmp", "gif", "pnm", "mp4", "mkv", "avi", "webm"]
Resize = Literal["none", "fit", "fill", "stretch"]
FaceTypeName = Literal["half", "mid", "full", "whole", "head"]

KINDS: tuple[str, ...] = get_args(Kind)
ADDRESS_SCHEMES = ("http", "https", "s3")
NAME = r"^[a-z][a-z0-9_-]{0,62}$"
COMPONENT = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"  # a file of a configuration group, by its stem
# what YAML, or Hydra's grammar, reads as something else than a word
_NO_NAMES = frozenset(("null", "none", "true", "false", "yes", "no", "on", "off", "nan", "inf"))
_WORDS = {
    **dict.fromkeys(("missing", "string_too_short"), "say something here"),
    "string_pattern_mismatch": "letters, digits, - and _ only; in a name small ones, one first",
    "extra_forbidden": "there is no such field",
}
_PARTS = ("body", "query", "path", "header")  # of a request
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]")

Text = Annotated[str, Field(max_length=4000)]
Stated = Annotated[str, Field(min_length=1, max_length=4000)]
Line = Annotated[str, Field(min_length=1, max_length=1000)]
Component = Annotated[str, Field(pattern=COMPONENT)]
Side = Annotated[int, Field(ge=16, le=8192)]
CropSide = Annotated[int, Field(ge=16, le=2048)]
Share = Annotated[float, Field(ge=0, le=1)]
Pattern = Annotated[str, Field(min_length=1, max_length=200)]


class DataSetDescription(BaseModel):
    """A data set as its user describes it; what is left out has a default.

    No text may hold `${`, which a configuration would replace: what is typed stays a text.

    Raises:
        pydantic.ValidationError: A field is missing, unknown or cannot be; each error names its
            field and says what may stand there.

    >>> stated = {"licence": "my own", "consent": "I am shown"}
    >>> mine = DataSetDescription(name="mine", root="data/raw/mine", kind="folder", **stated)
    >>> mine.crop, mine.address
    ('face', None)
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Annotated[str, Field(pattern=NAME)] = Field(
        description="Lower-case letters, digits, - and _; it names the file and the folders"
    )
    root: Line = Field(description="A folder, an archive, or an address: http, https or s3")
    kind: Kind = Field(description="How files and labels are laid out below the root")
    licence: Stated = Field(description="Under which terms the data may be used")
    consent: Stated = Field(description="On what ground the people in it are shown")
    details: Text = Field("", description="Anything else that is worth knowing")
    source: Text = Field("", description="Where it comes from")
    citation: Text = Field("", description="What to cite")

    file_types: list[FileType] = Field(
        [], max_length=11, description="Only files of these types; none named: all that are known"
    )
    height: Side | None = Field(None, description="Of the resized picture, pixels")
    width: Side | None = Field(None, description="Of the resized picture, pixels")
    resize: Resize = Field(
        "none", description="none; fit within height and width; fill them, cut; stretch to them"
    )
    colour: Literal["rgb", "grey"] = Field("rgb", description="What the pictures are read as")
    crop: Literal["no", "face"] | CropSide = Field(
        "face", description="no: pictures are face crops already; face: around the face; or a side"
    )
    coverage: Annotated[float, Field(ge=0.5, le=5)] | FaceTypeName | None = Field(
        None, description="How much around the face a crop shows; none: as params.yaml says"
    )
    frames: Annotated[int, Field(ge=1, le=10**6)] | None = Field(
        None, description="Evenly spaced frames of a video; none: as usual for the kind"
    )
    pattern: Line | None = Field(None, description="Of the paths, as {label}/{subject}/{name}")
    table: Line | None = Field(None, description="A CSV with path, label, subject, split, origin")

    val_share: Share = Field(0.1, description="Share of the groups for validation")
    test_share: Share = Field(0.2, description="Share of the groups for testing")
    official_split: bool = Field(True, description="Keep the data set's own split")
    val_people: list[Pattern] = Field(
        [], max_length=1000, description="Name patterns of the people for validation"
    )
    test_people: list[Pattern] = Field(
        [], max_length=1000, description="Name patterns of the people for testing"
    )

    degradations: list[Component] = Field(
        [], max_length=8, description="Names of degradations, applied one after another"
    )
    detector: Component = Field("yunet", description="Name of the face detector")

    @property
    def address(self) -> str | None:
        """The root where it is an address, else None."""
        return self.root if "://" in self.root else None

    @field_validator("*", mode="after")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and "${" in text:
                raise PydanticCustomError("interpolation", "${ would be replaced: leave it out")
            if isinstance(text, str) and _CONTROL.search(text):
                raise PydanticCustomError("control", "it holds a character that no text has")
        return value

    @field_validator("name")
    @classmethod
    def _is_a_word(cls, name: str) -> str:
        if name in _NO_NAMES:
            raise PydanticCustomError("name", "{name} is read as a value", {"name": name})
        return name

    @field_validator("root")
    @classmethod
    def _is_a_place(cls, root: str) -> str:
        scheme, is_address, _ = root.partition("://")
        if is_address and scheme not in ADDRESS_SCHEMES:
            raise PydanticCustomError("address", "an address begins with http, https or s3")
        return root

    @model_validator(mode="after")
    def _fits_together(self) -> "DataSetDescription":
        for field, problem in _contradictions(self):
            raise PydanticCustomError(
                "contradiction", "{field}: {problem}", {"field": field, "problem": problem}
            )
        return self


def _contradictions(said: DataSetDescription) -> list[tuple[str, str]]:
    """Fields that do not fit the others, each with what is wrong."""
    sides = (said.height is not None) + (said.width is not None)
    wanted = {"none": (0,), "fit": (1, 2), "fill": (2,), "stretch": (2,)}[said.resize]
    found = []
    if sides not in wanted:
        needs = {"none": "no size", "fit": "a height or a width"}.get(said.resize, "both sides")
        found.append(("resize", f"{said.resize} goes with {needs}"))
    if said.val_share + said.test_share > 1:
        found.append(("test_share", "validation and test together are more than all"))
    if said.pattern and said.table:
        found.append(("table", "labels come from a pattern or a table, not from both"))
    if said.kind != "folder":
        own = [key for key in ("pattern", "table", "file_types") if getattr(said, key)]
        found += [(key, f"only kind folder has it, {said.kind} has its own") for key in own]
    if said.kind == "openforensics" and said.resize != "none":
        found.append(("resize", "its marked faces are in pixels of the photos as they are"))
    if said.crop == "no" and said.kind not in ("folder", "openforensics_crops"):
        found.append(("crop", f"{said.kind} holds whole pictures: its faces are cropped"))
    return found


def told(error: Mapping[str, Any]) -> tuple[str, str]:
    """Field and message of one of pydantic's errors; the field of the whole is empty.

    >>> told({"loc": ("body", "file_types", 0), "msg": "Input should be 'jpg'", "type": "enum"})
    ('file_types.0', "Input should be 'jpg'")
    """
    if error["type"] == "contradiction":
        return error["ctx"]["field"], error["ctx"]["problem"]
    field, *places = [part for part in error["loc"] if part not in _PARTS] or [""]
    # behind the field, pydantic also names the kinds of value that it tried
    numbers = [str(place) for place in places if isinstance(place, int)]
    return ".".join([str(field), *numbers]), _WORDS.get(error["type"], str(error["msg"]))


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """Field and message of all that is wrong, a field that may be of several kinds once."""
    each: dict[str, list[str]] = {}
    for one in error.errors(include_url=False, include_input=False):
        field, message = told(one)
        each.setdefault(field, []).append(message)
    return [(field, "; or: ".join(dict.fromkeys(said))) for field, said in each.items()]
