"""The form: a new data set, and a change, also where two people edit at once."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from facsimile.data.description import DataSetDescription
from facsimile.studio.api.parts import Name, Served
from facsimile.studio.errors import RefusedError, StaleError, StudioError, TakenError
from facsimile.studio.pages import flash
from facsimile.studio.pages.conflict import differences
from facsimile.studio.pages.form_data import Said, Typed, by_field, read, typed_of, unsaid
from facsimile.studio.pages.form_page import Sent, form_page
from facsimile.studio.pages.rendering import page
from facsimile.studio.pages.request_studio import checked
from facsimile.studio.pages.uploading import files_of, keep, misplaced, with_own_root
from facsimile.studio.schema import Uploaded
from facsimile.studio.studio import Studio

router = APIRouter()


@router.get("/new")
def new(request: Request, studio: Served) -> Response:
    """An empty form."""
    return form_page(request, studio, Said(unsaid()))


@router.post("/new")
def create(request: Request, studio: Served, form: Sent) -> Response:
    """Add the data set and begin to look at it, or say what is wrong."""
    said = _said(studio, read(form), form)
    if said.description is None or said.wrong:
        return form_page(request, studio, said, 422)
    try:
        studio.datasets.create(said.description)
    except (RefusedError, TakenError) as error:
        return form_page(request, studio, _refused(said, error), error.status)
    kept = keep(studio, said.description, form)
    _look(studio, said.description)
    return _then(request, "created", said.description.name, kept)


@router.get("/datasets/{name}/edit")
def edit(request: Request, studio: Served, name: Name) -> Response:
    """The form as it was saved."""
    found = studio.datasets.get(name)
    typed = typed_of(studio.datasets.described(name))
    return form_page(request, studio, Said(typed), name=name, etag=found.etag)


@router.post("/datasets/{name}/edit")
def save(request: Request, studio: Served, name: Name, form: Sent) -> Response:
    """Change the data set, unless somebody else did in between: then both are shown."""
    etag = str(form.get("etag", ""))
    typed: dict[str, Typed] = {**read(form), "name": name}
    said = _said(studio, typed, form)
    if said.description is None or said.wrong:
        return form_page(request, studio, said, 422, name=name, etag=etag)
    try:
        studio.datasets.replace(name, said.description, etag)
        kept = keep(studio, said.description, form)
    except StaleError:
        saved = studio.datasets.get(name)
        both = differences(said.typed, typed_of(saved.description) if saved.description else {})
        return form_page(request, studio, said, 409, name=name, etag=saved.etag, conflict=both)
    except RefusedError as error:
        refused = _refused(said, error)
        return form_page(request, studio, refused, error.status, name=name, etag=etag)
    return _then(request, "saved", name, kept)


def _said(studio: Studio, typed: Mapping[str, Typed], form: FormData) -> Said:
    """What was typed, files that were sent included, and all that is wrong with it."""
    said = checked(studio, with_own_root(studio, typed, form))
    wrong = said.wrong or misplaced(studio, said.description, form)
    if wrong and files_of(form):  # a browser sends no file twice
        wrong = {**wrong, "": "choose the files from this computer again"}
    return replace(said, wrong=wrong)


def _refused(said: Said, error: StudioError) -> Said:
    """What was typed, with what the studio says to it."""
    wrong = list(error.wrong) or [("", str(error))]
    return Said(said.typed, said.description, by_field(wrong, said.typed))


def _look(studio: Studio, said: DataSetDescription) -> None:
    """Begin to fetch and check; where that cannot be, the data set is there all the same."""
    with suppress(StudioError):
        studio.jobs.start(said.name, "fetch" if said.address else "check")


def _then(request: Request, code: str, name: str, kept: Uploaded | None) -> Response:
    """The data set's page, or which of the files were not taken, and why."""
    if kept is None or not kept.refused:
        return flash.then(f"/datasets/{name}", code, name)
    return page(request, "uploaded.html", area="datasets", name=name, kept=kept)
