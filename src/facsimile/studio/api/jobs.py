"""Work in the background: begin, look at, cancel."""

from fastapi import APIRouter

from facsimile.studio.api.parts import Name, Number, Served
from facsimile.studio.problems import documented
from facsimile.studio.schema import Job, NewJob

router = APIRouter(tags=["jobs"])


@router.get("/datasets/{name}/jobs")
def list_jobs(name: Name, studio: Served) -> list[Job]:
    """The jobs of a data set, the last one first."""
    return list(studio.jobs.list(name))


@router.post("/datasets/{name}/jobs", status_code=202, responses=documented(409))
def start_job(name: Name, new: NewJob, studio: Served) -> Job:
    """Fetch a data set's address and check it, or check what is there."""
    return studio.jobs.start(name, new.kind)


@router.get("/jobs/{number}")
def read_job(number: Number, studio: Served) -> Job:
    """How far a job is."""
    return studio.jobs.get(number)


@router.post("/jobs/{number}/cancel")
def cancel_job(number: Number, studio: Served) -> Job:
    """End a job before it is done; what was fetched stays, and a later job goes on from there."""
    return studio.jobs.cancel(number)
