"""What the API takes and gives, beside the description itself."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from facsimile.data.description import DataSetDescription as DataSetDescription
from facsimile.data.description import Kind

State = Literal["new", "waiting", "fetching", "checking", "ready", "problems", "changed", "invalid"]
JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
JobKind = Literal["fetch", "check"]


class Out(BaseModel):
    """An answer's part."""

    model_config = ConfigDict(frozen=True)


class DataSet(Out):
    """A data set: the words of its file, and what the studio knows of it.

    `description` is null, and `error` says why, where a file written by hand cannot be understood.
    `etag` goes into `If-Match` of a change. Times are seconds since 1970.
    """

    number: int
    name: str
    state: State
    etag: str
    description: DataSetDescription | None
    error: str
    yaml: str
    findings: dict[str, Any] | None = Field(description="What the last check found")
    outdated: bool = Field(description="Whether it was changed since it was checked")
    created: float
    changed: float


class DataSetSummary(Out):
    """A line of the list."""

    number: int
    name: str
    details: str
    kind: Kind | None
    state: State
    etag: str
    changed: float


class Page(Out):
    """Some data sets of a longer list."""

    items: list[DataSetSummary]
    total: int
    page: int
    pages: int
    size: int


class Face(Out):
    """A face in pixels of the picture: x, y, width, height; five landmarks; a score in 0..1."""

    bbox: tuple[float, float, float, float]
    landmarks: list[tuple[float, float]]
    score: float


class ImageInfo(Out):
    """What is known of a file of a data set; `faces` is null where none were sought."""

    id: int
    path: str
    bytes: int
    sha256: str
    type: str
    width: int | None
    height: int | None
    channels: int | None
    faces: int | None
    found: list[Face]
    quality: dict[str, float]
    problem: str


class Images(Out):
    """Some files of a data set."""

    items: list[ImageInfo]
    total: int
    page: int
    pages: int


class Uploaded(Out):
    """What became of the files of an upload."""

    kept: list[str]
    refused: dict[str, str] = Field(description="Name of a file: why it was not taken")


class Job(Out):
    """Work in the background: `done` of `total` bytes (fetch) or files (check)."""

    id: int
    dataset: str
    kind: JobKind
    state: JobState
    done: int
    total: int | None
    note: str
    created: float
    started: float | None
    ended: float | None


class NewJob(BaseModel):
    """What is to be done with a data set: fetch its address and then check it, or check it."""

    model_config = ConfigDict(extra="forbid")

    kind: JobKind


class Detected(Out):
    """The faces of a picture, the most prominent first."""

    width: int
    height: int
    detector: str
    faces: list[Face]


class Enhanced(Out):
    """A restored picture as PNG in base64, and how it compares with what was sent."""

    model: str
    width: int
    height: int
    statement: str = Field(description="That the detail is invented")
    metrics: dict[str, float]
    image: str


class ModelInfo(Out):
    """A trained net, or an architecture without weights."""

    name: str
    task: str
    architecture: str
    trained: bool
    origin: str
    metrics: dict[str, float]


class Value(Out):
    """A setting of a data set."""

    key: str
    value: Any


class Problem(Out):
    """Why there is no other answer (RFC 9457); `errors` names the fields that are wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list["FieldProblem"] = []


class FieldProblem(Out):
    """A field, empty for the whole, and what is wrong with it."""

    field: str
    message: str
