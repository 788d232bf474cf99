"""Work in the background, as the page shows it."""

from dataclasses import dataclass

from facsimile.studio.jobs import LIVE
from facsimile.studio.pages.words import moment, size
from facsimile.studio.schema import Job
from facsimile.studio.studio import Studio

_DOING = {"fetch": "Fetching the address", "check": "Looking at the files"}
_ENDED = {"done": "done", "failed": "failed", "cancelled": "cancelled"}


@dataclass(frozen=True)
class ShownJob:
    """The last job: words, how far it is, and `share` of it in 0..1, None where nobody knows."""

    id: int
    live: bool
    told: str
    count: str
    share: float | None
    note: str


def shown_job(studio: Studio, name: str) -> ShownJob | None:
    """The last job of a data set; None where there was none."""
    jobs = studio.jobs.list(name)
    return _shown(jobs[0]) if jobs else None


def _shown(job: Job) -> ShownJob:
    live = job.state in LIVE
    doing = _DOING[job.kind]
    told = doing if job.state == "running" else f"{doing}: {_ENDED.get(job.state, 'waiting')}"
    share = min(1.0, job.done / job.total) if job.total else None
    count = _count(job) if live else moment(job.ended)
    return ShownJob(job.id, live, told, count, share, job.note)


def _count(job: Job) -> str:
    as_text = size if job.kind == "fetch" else "{:,.0f}".format
    if job.state == "waiting":
        return ""
    return as_text(job.done) + (f" of {as_text(job.total)}" if job.total else "")
