"""The preview below the form: what the settings make of one picture, before anything is saved."""

from collections.abc import Mapping

import numpy as np
from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from facsimile.errors import UserError
from facsimile.studio.api.parts import Served
from facsimile.studio.errors import RefusedError
from facsimile.studio.pages.fields import FIELDS
from facsimile.studio.pages.form_data import Said, Typed, read, said
from facsimile.studio.pages.form_page import Sent, form_page
from facsimile.studio.pages.previews import ShownPreview, shown
from facsimile.studio.pages.rendering import page
from facsimile.studio.pages.request_studio import ANYTHING
from facsimile.studio.preview import Preview
from facsimile.studio.studio import Studio

router = APIRouter()


@router.post("/preview")
def preview(request: Request, studio: Served, form: Sent, name: str = "") -> Response:
    """The preview alone for htmx; for others the whole form with it."""
    typed = read(form)
    model = str(form.get("model", ""))
    try:
        picture = _picture(studio, form, name)
        seen = ShownPreview(shown=shown(_previewed(studio, picture, typed, model)))
    except UserError as error:
        seen = ShownPreview(error=f"{error}.")
    if "hx-request" in request.headers:
        return page(request, "preview.html", preview=seen)
    chosen, etag = (model, str(form.get("sample", ""))), str(form.get("etag", ""))
    return form_page(
        request, studio, Said(typed), name=name, etag=etag, preview=seen, chosen=chosen
    )


def _picture(studio: Studio, form: FormData, name: str) -> np.ndarray:
    """The picture that was sent, or else the one of the source that was chosen."""
    sent, sample = form.get("picture"), str(form.get("sample", ""))
    if isinstance(sent, UploadFile) and sent.filename:
        return studio.uploads.picture(sent.file)
    if name and sample.isascii() and sample.isdecimal() and len(sample) < 16:
        return studio.images.picture(name, int(sample))
    raise RefusedError("Choose a picture first")


def _previewed(
    studio: Studio, picture: np.ndarray, typed: Mapping[str, Typed], model: str
) -> Preview:
    told = said({**typed, **ANYTHING})
    if told.description is None:
        first = next(iter(told.wrong))
        words = f"{FIELDS[first].label}: " if first in FIELDS else ""
        raise RefusedError(f"Put this right first: {words}{told.wrong[first]}")
    return studio.previewer(picture, told.description, model or None)
