"""Where two versions of one data set differ."""

from collections.abc import Mapping
from dataclasses import dataclass

from facsimile.studio.pages.fields import FIELDS
from facsimile.studio.pages.form_data import Typed


@dataclass(frozen=True)
class Difference:
    """A field that two people left with different words."""

    label: str
    mine: str
    saved: str


def differences(mine: Mapping[str, Typed], saved: Mapping[str, Typed]) -> list[Difference]:
    """The fields that differ, as they are called on the page.

    >>> differences({"name": "a", "degradations": ["jpeg"]}, {"name": "a", "degradations": []})
    [Difference(label='Degradations, one after another', mine='jpeg', saved='')]
    """
    return [
        Difference(FIELDS[key].label, told(typed), told(saved.get(key, "")))
        for key, typed in mine.items()
        if typed != saved.get(key, "")
    ]


def told(typed: Typed) -> str:
    """Something typed, as a text."""
    if isinstance(typed, bool):
        return "yes" if typed else "no"
    return ", ".join(typed) if isinstance(typed, list) else typed
