"""What a request's handlers ask of the studio."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facsimile.studio.pages.form_data import Said, Typed, by_field, said, unsaid
from facsimile.studio.schema import ImageInfo
from facsimile.studio.studio import Studio

SAMPLES = 60
#: Words for the required fields, where these do not matter.
ANYTHING = {"name": "preview", "root": "preview", "licence": "none", "consent": "none"}

_ON_MACHINE = ("name", "root", "kind", "table", "detector", "degradations")


@dataclass(frozen=True)
class Sample:
    """A file of a data set that may be looked at."""

    id: str
    path: str
    thumbnail: str
    alt: str


def checked(studio: Studio, typed: Mapping[str, Typed]) -> Said:
    """What was typed, with all that is wrong with it: in itself, and on this machine."""
    one = said(typed)
    sound = one.description or said(_sound(one)).description
    here = by_field(studio.sources.wrong(sound), typed) if sound else {}
    return Said(typed, one.description, {**here, **one.wrong})


def _sound(one: Said) -> dict[str, Typed]:
    """The fields that the machine is asked about, the wrong ones replaced by what can be."""
    kept = {key: one.typed[key] for key in _ON_MACHINE if key not in one.wrong}
    return {**unsaid(), **ANYTHING, **kept}


def restorers(studio: Studio) -> list[str]:
    """Names of the models that restore pictures."""
    known = studio.settings.tools.models.models()
    return [one.name for one in known if one.trained and one.task == "enhancement"]


def samples_of(name: str, images: Sequence[ImageInfo]) -> list[Sample]:
    """Files that the last check looked into and could read."""
    return [_sample(name, one) for one in images if not one.problem]


def _sample(name: str, one: ImageInfo) -> Sample:
    place = f"/api/v1/datasets/{name}/images/{one.id}/thumbnail"
    size = f", {one.width} × {one.height}" if one.width else ""
    return Sample(str(one.id), one.path, place, f"{one.path}{size}{_faces(one.faces)}")


def _faces(count: int | None) -> str:
    if count is None:
        return ""
    return f", {count or 'no'} face{'' if count == 1 else 's'}"
