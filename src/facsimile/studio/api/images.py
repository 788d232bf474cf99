"""Files of data sets: their parameters, uploads, small pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Response

from facsimile.studio.api.parts import Name, Number, PageNumber, Sent, Served
from facsimile.studio.schema import Images, Uploaded

router = APIRouter(tags=["images"])


@router.get("/datasets/{name}/images")
def list_images(
    name: Name,
    studio: Served,
    page: PageNumber = 1,
    size: Annotated[int, Query(ge=1, le=200, description="Of a page")] = 50,
) -> Images:
    """Parameters of some files: those that the last check looked into."""
    return studio.images.list(name, page, size)


@router.post("/datasets/{name}/images", status_code=201)
def upload_images(
    name: Name, files: Annotated[list[Sent], File(max_length=500)], studio: Served
) -> Uploaded:
    """Add pictures and videos to a data set whose root is its own folder."""
    named = ((file.filename or "", file.file) for file in files)
    return studio.uploads.keep(studio.datasets.described(name), named)


_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/datasets/{name}/images/{image}/thumbnail", response_class=Response, responses=_JPEG)
def read_thumbnail(name: Name, image: Number, studio: Served) -> Response:
    """A file as a JPEG of at most 256 pixels a side, decoded and encoded anew."""
    return Response(studio.images.thumbnail(name, image), media_type="image/jpeg")
