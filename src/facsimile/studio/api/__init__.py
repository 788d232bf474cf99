"""The JSON API, one file a resource."""

from fastapi import APIRouter

from facsimile.studio.api import datasets, images, jobs, tools
from facsimile.studio.problems import documented

#: Whatever is asked for may be refused for these.
ALWAYS = documented(400, 401, 403, 404, 413, 415, 421, 422)

router = APIRouter(prefix="/api/v1", responses=ALWAYS)
for part in (datasets, images, jobs, tools):
    router.include_router(part.router)
