"""What was typed into the form, and the description that it makes: to and fro."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError
from starlette.datastructures import FormData

from facsimile.data.description import DataSetDescription, problems
from facsimile.studio.pages.fields import FIELDS, SIDES, Field

#: A text, several of them, or whether something is ticked.
Typed = str | list[str] | bool

_LISTS = ("lines", "checks", "chain")


@dataclass(frozen=True)
class Said:
    """What was typed, the description if it is one, and what is wrong by the field."""

    typed: Mapping[str, Typed]
    description: DataSetDescription | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)


def read(form: FormData) -> dict[str, Typed]:
    """What the form holds, by field, as it was typed."""
    return {name: _read(form, one) for name, one in FIELDS.items()}


def _read(form: FormData, one: Field) -> Typed:
    texts = [text for text in form.getlist(one.name) if isinstance(text, str)]
    if one.control == "check":
        return bool(texts)
    if one.control in _LISTS:
        lines = (line.strip() for text in texts for line in text.splitlines())
        return [line for line in lines if line]
    return texts[-1].replace("\r\n", "\n") if texts else ""


def said(typed: Mapping[str, Typed]) -> Said:
    """The description that was typed, or what is wrong with it."""
    try:
        return Said(typed, DataSetDescription.model_validate(_given(typed)))
    except ValidationError as error:
        return Said(typed, None, by_field(problems(error), typed))


def by_field(wrong: list[tuple[str, str]], typed: Mapping[str, Typed]) -> dict[str, str]:
    """Messages by the field of the form that they stand at; `` is the whole form's."""
    messages: dict[str, str] = {}
    for place, message in wrong:
        name, _, number = place.partition(".")
        if name == "crop" and typed.get("crop") == "custom":
            name, message = "crop_side", "a whole number from 16 to 2048"
        name = name if name in FIELDS else ""
        told = f"number {int(number) + 1}: {message}" if number.isdigit() else message
        messages[name] = f"{messages[name]}; {told}" if name in messages else told
    return messages


def _given(typed: Mapping[str, Typed]) -> dict[str, object]:
    """What the schema is asked about: what was left empty has its default."""
    given = {name: value for name, value in typed.items() if value != "" and name != "crop_side"}
    if typed["crop"] == "custom":
        given["crop"] = typed["crop_side"]
    return dict(given)


def typed_of(description: DataSetDescription) -> dict[str, Typed]:
    """What would have to be typed for this description.

    >>> stated = {"licence": "my own", "consent": "I am shown"}
    >>> one = DataSetDescription(name="a", root="/x", kind="folder", crop=96, **stated)
    >>> typed = typed_of(one)
    >>> typed["crop"], typed["crop_side"], typed["height"], typed["test_share"]
    ('custom', '96', '', '0.2')
    >>> said(typed).description == one
    True
    """
    values = description.model_dump()
    typed = {name: _typed(values.get(name)) for name in FIELDS}
    if isinstance(description.crop, int) and str(description.crop) not in SIDES:
        typed["crop"], typed["crop_side"] = "custom", str(description.crop)
    return typed


def _typed(value: object) -> Typed:
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return [str(one) for one in value]
    return "" if value is None else str(value)


def unsaid() -> dict[str, Typed]:
    """The form before anything is typed: the schema's defaults."""
    known = DataSetDescription.model_fields
    defaults = {name: one.get_default() for name, one in known.items() if not one.is_required()}
    return {name: _typed(defaults.get(name)) for name in FIELDS} | {"kind": "folder"}
