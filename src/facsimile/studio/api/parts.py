"""What the API's routes have in common."""

from typing import Annotated, cast

from fastapi import Depends, Path, Query, Request, Response
from pydantic import GetPydanticSchema, WithJsonSchema
from pydantic_core.core_schema import is_instance_schema
from starlette.datastructures import UploadFile

from facsimile.data.description import NAME
from facsimile.studio.errors import StudioError
from facsimile.studio.studio import Studio


class UnstatedError(StudioError):
    """A change does not say which version it is made to."""

    status = 428


def the_studio(request: Request) -> Studio:
    """The studio that this application serves."""
    return cast("Studio", request.app.state.studio)


def tag_of(header: str | None) -> str | None:
    """The etag in an If-Match header; None for a star or no header.

    >>> tag_of('"abc"'), tag_of("*")
    ('abc', None)
    """
    if header is None or header.strip() == "*":
        return None
    return header.strip().removeprefix("W/").strip('"')


def with_tag(response: Response, tag: str) -> None:
    """Tell the etag of what is answered."""
    response.headers["etag"] = f'"{tag}"'


_BINARY = WithJsonSchema({"type": "string", "format": "binary"})
_IS_ONE = GetPydanticSchema(lambda kind, handler: is_instance_schema(UploadFile))
#: A file that was sent, as FastAPI gives it.
Sent = Annotated[UploadFile, _IS_ONE, _BINARY]
Served = Annotated[Studio, Depends(the_studio)]
Name = Annotated[str, Path(pattern=NAME, description="Of a data set")]
Number = Annotated[int, Path(ge=1, le=2**53, description="Of a file or job")]
PageNumber = Annotated[int, Query(ge=1, le=10**6, description="From 1")]
