"""Rows of the database as what the API and the pages show."""

from facsimile.data.description import DataSetDescription
from facsimile.studio.schema import DataSet, DataSetSummary, Job
from facsimile.studio.tables import DataSetRow, JobRow


def state(row: DataSetRow) -> str:
    """The state of a data set that nothing is being done with."""
    if row.error or row.described is None:
        return "invalid"
    if row.findings is None:
        return "new"
    if row.checked != row.etag:
        return "changed"
    return "problems" if row.findings.get("problems") else "ready"


def summary(row: DataSetRow) -> DataSetSummary:
    """A line of the list."""
    said = row.described or {}
    known = {key: getattr(row, key) for key in ("number", "name", "state", "etag", "changed")}
    return DataSetSummary(details=said.get("details", ""), kind=said.get("kind"), **known)


def data_set(row: DataSetRow) -> DataSet:
    """All of a data set."""
    keys = ("number", "name", "state", "etag", "error", "yaml", "findings", "created", "changed")
    outdated = row.findings is not None and row.checked != row.etag
    said = DataSetDescription(**row.described) if row.described else None
    return DataSet(description=said, outdated=outdated, **{key: getattr(row, key) for key in keys})


def job(row: JobRow, name: str) -> Job:
    """A job of the data set of this name."""
    keys = [key for key in Job.model_fields if key != "dataset"]
    return Job(dataset=name, **{key: getattr(row, key) for key in keys})
