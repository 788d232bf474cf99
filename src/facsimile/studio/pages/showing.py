"""A data set: what is said of it, what is there, what is wrong, how it is used."""

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from facsimile.studio.api.parts import Name, Served
from facsimile.studio.errors import StudioError
from facsimile.studio.pages import flash
from facsimile.studio.pages.facts import charts, facts, parameters, problems
from facsimile.studio.pages.job_view import shown_job
from facsimile.studio.pages.rendering import page
from facsimile.studio.pages.request_studio import SAMPLES, samples_of
from facsimile.studio.pages.states import shown_state

router = APIRouter()
_COMMANDS = (
    "facsimile data-check data={name}",
    "facsimile extract data={name}",
    "facsimile select data={name}",
    "facsimile split data={name}",
)


@router.get("/datasets/{name}")
def show(request: Request, studio: Served, name: Name) -> Response:
    """All of a data set on one page."""
    found = studio.datasets.get(name)
    images = studio.images.list(name, size=200).items
    said = found.description
    shown, more = problems(found.findings)
    return page(
        request,
        "show.html",
        area="datasets",
        name=name,
        description=said,
        state=shown_state(found.state),
        error=found.error,
        job=shown_job(studio, name),
        checked=found.findings is not None,
        facts=facts(found, images),
        commands=[command.format(name=name) for command in _COMMANDS],
        problems=shown,
        more_problems=more,
        samples=samples_of(name, images)[:SAMPLES],
        charts=charts(images),
        parameters=parameters(said) if said else [],
        as_json=said.model_dump_json(indent=2) if said else "",
        as_yaml=found.yaml,
    )


@router.get("/datasets/{name}/job")
def job(request: Request, studio: Served, name: Name) -> Response:
    """How far the work on it is; once it has ended, the page loads anew with what was found."""
    found, now = studio.datasets.get(name), shown_job(studio, name)
    answer = page(
        request,
        "job.html",
        name=name,
        description=found.description,
        job=now,
        checked=found.findings is not None,
    )
    if now is None or not now.live:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("/datasets/{name}/check")
def check(studio: Served, name: Name) -> Response:
    """Begin to look at its files."""
    return _start(studio, name, "check")


@router.post("/datasets/{name}/fetch")
def fetch(studio: Served, name: Name) -> Response:
    """Begin to fetch its address."""
    return _start(studio, name, "fetch")


@router.post("/datasets/{name}/cancel")
def cancel(studio: Served, name: Name, job: int = Form(ge=1, le=2**53)) -> Response:
    """End the work on it."""
    studio.jobs.cancel(job)
    return flash.then(f"/datasets/{name}", "cancelled", name)


def _start(studio: Served, name: str, kind: str) -> Response:
    try:
        studio.jobs.start(name, kind)
    except StudioError as error:
        if error.status == 404:
            raise
        return flash.then(f"/datasets/{name}", "busy", name)
    return flash.then(f"/datasets/{name}", "started", name)
