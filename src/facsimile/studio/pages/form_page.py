"""The form as a page, with whatever was typed and whatever is wrong."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from facsimile.studio.pages.conflict import Difference
from facsimile.studio.pages.fields import FIELDS, parts
from facsimile.studio.pages.form_data import Said
from facsimile.studio.pages.previews import NOTHING, ShownPreview
from facsimile.studio.pages.rendering import page
from facsimile.studio.pages.request_studio import SAMPLES, restorers, samples_of
from facsimile.studio.studio import Studio


async def _sent(request: Request) -> FormData:
    """The form that a request carries."""
    return await request.form()


Sent = Annotated[FormData, Depends(_sent)]


def form_page(
    request: Request,
    studio: Studio,
    said: Said,
    status: int = 200,
    *,
    name: str = "",
    etag: str = "",
    conflict: Sequence[Difference] | None = None,
    preview: ShownPreview = NOTHING,
    chosen: tuple[str, str] = ("", ""),
) -> Response:
    """The form.

    Args:
        request: What asked for it.
        studio: Whose names may be chosen.
        said: What was typed, and what is wrong with it.
        status: Of the answer.
        name: The data set that is edited; empty for a new one.
        etag: Of the data set as the one who types saw it.
        conflict: Where it differs from what is saved by now; None where nobody else edited.
        preview: What was looked at.
        chosen: The model and the picture of the source chosen for the preview.
    """
    tools = studio.settings.tools
    options = {
        "detector": tuple((one, one) for one in sorted(tools.detectors)),
        "degradations": tuple((one, one) for one in sorted(tools.degradations)),
    }
    return page(
        request,
        "form.html",
        status,
        area="datasets",
        title=f"Edit {name}" if name else "Create a data set",
        action=f"/datasets/{name}/edit" if name else "/new",
        name=name,
        etag=etag,
        parts=list(parts(options)),
        labels={one.name: one.label for one in FIELDS.values()},
        typed=said.typed,
        wrong={key: said.wrong[key] for key in (*FIELDS, "") if key in said.wrong},
        conflict=conflict,
        preview=preview,
        restorers=restorers(studio),
        samples=samples_of(name, studio.images.list(name, size=SAMPLES).items) if name else [],
        chosen_model=chosen[0],
        chosen_sample=chosen[1],
    )
