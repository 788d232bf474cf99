"""Data sets: list, create, read, replace, patch, delete; the configuration of each."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from pydantic import ValidationError, create_model

from facsimile.data.description import DataSetDescription, problems
from facsimile.studio.api.parts import Name, PageNumber, Served, UnstatedError, tag_of, with_tag
from facsimile.studio.errors import NotFoundError, RefusedError
from facsimile.studio.problems import documented
from facsimile.studio.schema import DataSet, Page, Value

router = APIRouter(tags=["datasets"])

Sort = Literal["number", "name", "state", "changed", "-number", "-name", "-state", "-changed"]
IfMatch = Annotated[str | None, Header(description="The etag of what is changed")]
_TAGGED = {"headers": {"ETag": {"description": "Of this version", "schema": {"type": "string"}}}}
_PLACED = {"Location": {"description": "Of the new data set", "schema": {"type": "string"}}}

#: Any fields of a description, the others staying as they are.
DataSetChange = create_model(
    "DataSetChange",
    __config__={"extra": "forbid"},
    **{
        key: (field.rebuild_annotation() | None, None)
        for key, field in DataSetDescription.model_fields.items()
    },  # type: ignore[call-overload]
)


@router.get("/datasets")
def list_datasets(
    studio: Served,
    search: Annotated[str, Query(max_length=200, description="Words that it has")] = "",
    sort: Sort = "number",
    page: PageNumber = 1,
    size: Annotated[int, Query(ge=1, le=100, description="Of a page")] = 20,
) -> Page:
    """Some data sets of a longer list."""
    return studio.datasets.list(search, sort, page, size)


@router.post("/datasets", status_code=201, responses={201: {"headers": _PLACED}, **documented(409)})
def create_dataset(said: DataSetDescription, studio: Served, response: Response) -> DataSet:
    """Add a data set: `facsimile extract data=NAME` can use it at once."""
    made = studio.datasets.create(said)
    response.headers["location"] = f"/api/v1/datasets/{made.name}"
    with_tag(response, made.etag)
    return made


@router.get("/datasets/{name}", responses={200: _TAGGED})
def read_dataset(name: Name, studio: Served, response: Response) -> DataSet:
    """A data set, and what is known of it."""
    found = studio.datasets.get(name)
    with_tag(response, found.etag)
    return found


@router.put("/datasets/{name}", responses={200: _TAGGED, **documented(412, 428)})
def replace_dataset(
    name: Name,
    said: DataSetDescription,
    studio: Served,
    response: Response,
    if_match: IfMatch = None,
) -> DataSet:
    """Change all of a data set, unless somebody else did so in between."""
    made = studio.datasets.replace(name, said, _stated(if_match, studio, name))
    with_tag(response, made.etag)
    return made


@router.patch("/datasets/{name}", responses={200: _TAGGED, **documented(412, 428)})
def change_dataset(
    name: Name,
    change: DataSetChange,  # type: ignore[valid-type]
    studio: Served,
    response: Response,
    if_match: IfMatch = None,
) -> DataSet:
    """Change some fields of a data set, unless somebody else changed it in between."""
    tag = _stated(if_match, studio, name)
    given = change.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
    said = _checked(studio.datasets.described(name).model_dump() | given)
    made = studio.datasets.replace(name, said, tag)
    with_tag(response, made.etag)
    return made


@router.delete("/datasets/{name}", status_code=204, responses=documented(412))
def delete_dataset(name: Name, studio: Served, if_match: IfMatch = None) -> None:
    """Delete a data set, which `undo` brings back; pictures stay where they are."""
    studio.datasets.delete(name, tag_of(if_match))


@router.post("/datasets/{name}/undo", responses={200: _TAGGED, **documented(409)})
def undo_delete(name: Name, studio: Served, response: Response) -> DataSet:
    """Bring back the data set of this name that was deleted last."""
    found = studio.datasets.undo(name)
    with_tag(response, found.etag)
    return found


@router.get("/datasets/{name}/config")
def read_config(name: Name, studio: Served) -> DataSetDescription:
    """All settings of a data set."""
    return studio.datasets.described(name)


@router.get("/datasets/{name}/config/{key}")
def read_setting(name: Name, key: str, studio: Served) -> Value:
    """One setting, as `detector` or `degradations.0`."""
    value: Any = studio.datasets.described(name).model_dump()
    for part in key.split("."):
        value = _below(value, part, key)
    return Value(key=key, value=value)


def _below(value: Any, part: str, key: str) -> Any:
    if isinstance(value, dict) and part in value:
        return value[part]
    if isinstance(value, list) and part in map(str, range(len(value))):
        return value[int(part)]
    raise NotFoundError(f"there is no setting {key}")


def _stated(if_match: str | None, studio: Served, name: str) -> str:
    if if_match is None:
        raise UnstatedError("say which version is changed: If-Match: the etag that was read")
    return tag_of(if_match) or studio.datasets.etag(name)


def _checked(fields: dict[str, Any]) -> DataSetDescription:
    try:
        return DataSetDescription(**fields)
    except ValidationError as error:
        wrong = problems(error)
        raise RefusedError("; ".join(f"{key}: {why}" for key, why in wrong), wrong) from error
