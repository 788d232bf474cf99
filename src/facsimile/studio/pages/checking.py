"""What is wrong with the form while it is filled in: messages that htmx puts at their fields."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from facsimile.studio.api.parts import Served
from facsimile.studio.pages.fields import FIELDS
from facsimile.studio.pages.form_data import Typed, read
from facsimile.studio.pages.form_page import Sent
from facsimile.studio.pages.rendering import page
from facsimile.studio.pages.request_studio import checked
from facsimile.studio.pages.words import several
from facsimile.studio.studio import Studio

router = APIRouter()


@router.post("/check")
def check(request: Request, studio: Served, form: Sent, name: str = "") -> Response:
    """Messages for the fields that are filled or were touched; nothing is saved."""
    typed = read(form)
    wrong = dict(checked(studio, typed).wrong)
    if not name and _is_taken(studio, str(typed["name"])):
        wrong.setdefault("name", "there is a data set of this name already")
    if typed["root"] == "" and form.get("with_files"):
        wrong.pop("root", None)
    touched = {str(one) for one in form.getlist("touched")}
    shown = {field for field in FIELDS if field in touched or _is_filled(typed[field])}
    messages = {field: wrong.get(field, "") if field in shown else "" for field in FIELDS}
    return page(request, "checked.html", messages=messages, summary=_summary(wrong, messages))


def _is_filled(typed: Typed) -> bool:
    return typed not in ("", [], False)


def _is_taken(studio: Studio, name: str) -> bool:
    return any(one.name == name for one in studio.datasets.list(name, size=50).items)


def _summary(wrong: Mapping[str, str], messages: Mapping[str, str]) -> str:
    """The line beside Save, which a screen reader says.

    >>> _summary({"name": "taken"}, {"name": "taken", "root": ""})
    '1 thing to be put right'
    """
    shown = sum(bool(one) for one in messages.values())
    if shown:
        return f"{several(shown, 'thing')} to be put right"
    if "" in wrong:
        return wrong[""]
    return "some required fields are empty" if wrong else "nothing is wrong: it can be saved"
