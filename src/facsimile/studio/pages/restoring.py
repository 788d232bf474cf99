"""Models: what there is, what it reached, and a picture restored by one, before and after."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import numpy as np
from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from facsimile.errors import UserError
from facsimile.media.image import write_image
from facsimile.provenance.sign import Claim, sign
from facsimile.studio.api.parts import Served
from facsimile.studio.api.tools import INVENTED
from facsimile.studio.errors import RefusedError
from facsimile.studio.models import Model
from facsimile.studio.pages.form_page import Sent
from facsimile.studio.pages.pictures import address, embedded
from facsimile.studio.pages.rendering import page
from facsimile.studio.pages.request_studio import restorers
from facsimile.studio.preview import compared
from facsimile.studio.studio import Studio

router = APIRouter()


@dataclass(frozen=True)
class Restored:
    """A picture before and after, and the signed file that can be kept."""

    before: str
    after: str
    width: int
    height: int
    model: str
    caption: str
    metrics: list[tuple[str, str]]
    download: str
    file: str
    statement: str = f"{INVENTED.capitalize()}."


@dataclass(frozen=True)
class ShownRestored:
    """Why nothing was restored, or what was; neither before it is asked for."""

    error: str = ""
    shown: Restored | None = None


@dataclass(frozen=True)
class ShownModel:
    """A line of the table."""

    name: str
    task: str
    architecture: str
    origin: str
    metrics: list[tuple[str, str]]


@router.get("/models")
def models(request: Request, studio: Served, model: str = "") -> Response:
    """Architectures, and trained nets with their metrics."""
    return _page(request, studio, model, ShownRestored())


@router.post("/models/enhance")
def enhance(request: Request, studio: Served, form: Sent) -> Response:
    """A picture restored; the result alone for htmx, for others the whole page with it."""
    model, sent = str(form.get("model", "")), form.get("picture")
    try:
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise RefusedError("Choose a picture first")
        seen = ShownRestored(shown=_restored(studio, sent, model))
    except UserError as error:
        seen = ShownRestored(error=f"{error}.")
    if "hx-request" in request.headers:
        return page(request, "restored.html", restored=seen)
    return _page(request, studio, model, seen)


def _restored(studio: Studio, sent: UploadFile, model: str) -> Restored:
    before = studio.uploads.picture(sent.file)
    after = studio.treatment.enhancer(model)(before)
    height, width = after.shape[:2]
    name = f"{PurePath(sent.filename or 'picture').stem[:60]}-restored.png"
    figures = compared(after, before)
    told = [("PSNR to what was sent, dB", "psnr", ".2f"), ("SSIM to what was sent", "ssim", ".4f")]
    return Restored(
        before=embedded(before),
        after=embedded(after),
        width=width,
        height=height,
        model=model,
        caption=f"{sent.filename}, restored by {model}, {width} × {height}",
        metrics=[
            (label, format(figures[key], form)) for label, key, form in told if key in figures
        ],
        download=address(_signed(before, after, studio.treatment.claim(model)), "png"),
        file=name,
    )


def _signed(before: np.ndarray, after: np.ndarray, claim: Claim) -> bytes:
    """The restored picture as a PNG that carries what was done to it."""
    with tempfile.TemporaryDirectory() as folder:
        sent, made, signed = (
            Path(folder) / name for name in ("sent.png", "made.png", "signed.png")
        )
        write_image(sent, before)
        write_image(made, after)
        words = f"all of it was restored by {claim.model}; its detail is invented"
        sign(made, signed, replace(claim, description=words, parent=sent))
        return signed.read_bytes()


def _page(request: Request, studio: Studio, model: str, seen: ShownRestored) -> Response:
    known = studio.settings.tools.models.models()
    return page(
        request,
        "models.html",
        area="models",
        restorers=restorers(studio),
        chosen=model,
        restored=seen,
        trained=[_line(one) for one in known if one.trained],
        architectures=sorted({one.architecture for one in known}),
    )


def _line(one: Model) -> ShownModel:
    metrics = [(key, f"{value:.4g}") for key, value in one.metrics.items()]
    return ShownModel(one.name, one.task, one.architecture, one.origin, metrics)
