"""The MLflow runs that used a data set: looked up once the page is there, for it takes a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from facsimile.errors import UserError
from facsimile.studio.api.parts import Name, Served
from facsimile.studio.pages.rendering import page
from facsimile.studio.pages.words import moment

router = APIRouter()
MOST = 50


@dataclass(frozen=True)
class ShownRun:
    """A line of the table."""

    name: str
    id: str
    status: str
    started: str
    metrics: list[tuple[str, str]]


@router.get("/datasets/{name}/runs")
def runs(request: Request, studio: Served, name: Name) -> Response:
    """The last of them; the table alone for htmx, for others a page of its own."""
    studio.datasets.get(name)
    try:
        found, error = [shown_run(run) for run in studio.settings.runs(name)[:MOST]], ""
    except UserError as reason:
        found, error = [], str(reason)
    template = "runs.html" if "hx-request" in request.headers else "runs_page.html"
    return page(request, template, area="datasets", name=name, runs=found, error=error)


def shown_run(run: Mapping[str, Any]) -> ShownRun:
    """A run in words.

    >>> run = {"run_id": "0123456789", "name": "swap_df", "status": "FINISHED", "started": None}
    >>> shown = shown_run({**run, "metrics": {"psnr": 32.9712}})
    >>> shown.id, shown.status, shown.metrics
    ('01234567', 'finished', [('psnr', '32.97')])
    """
    metrics = [(key, f"{value:.4g}") for key, value in sorted(run["metrics"].items())]
    status = str(run["status"]).lower()
    return ShownRun(run["name"], run["run_id"][:8], status, moment(run["started"]), metrics)
