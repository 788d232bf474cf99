"""The application: API, pages and static files behind one guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles

from facsimile.errors import UserError
from facsimile.studio import api
from facsimile.studio.bounds import Bounds
from facsimile.studio.login import router as login
from facsimile.studio.pages import router as pages
from facsimile.studio.pages.errors import error_page
from facsimile.studio.problems import add_handlers
from facsimile.studio.schema import Problem
from facsimile.studio.security import Guard, check_csrf, is_loopback
from facsimile.studio.settings import StudioSettings
from facsimile.studio.studio import build_studio

STATIC = Path(__file__).parent / "static"


def create_app(settings: StudioSettings) -> FastAPI:
    """The studio as an ASGI application; `app.state.studio` has its parts.

    Raises:
        UserError: It is to be reached from other machines, and no token is set.
    """
    _check_token(settings)
    studio = build_studio(settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        studio.jobs.resume()
        yield
        studio.jobs.close()

    app = FastAPI(
        title="facsimile studio",
        version=version("facsimile"),
        description="Data-set parameters: described here, used from the command line.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # it would load scripts from another host
        redoc_url=None,
        lifespan=life,
        separate_input_output_schemas=False,
    )
    app.state.studio = studio
    add_handlers(app, error_page)
    app.include_router(api.router)
    app.include_router(login, dependencies=[Depends(check_csrf)], include_in_schema=False)
    app.include_router(pages, dependencies=[Depends(check_csrf)], include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Bounds, limits=settings.limits)
    app.add_middleware(Guard, settings=settings, keys=studio.keys)
    _describe_problems(app)
    return app


def _check_token(settings: StudioSettings) -> None:
    if not is_loopback(settings.host) and not settings.token:
        raise UserError(
            f"host={settings.host} is reached from other machines: set a token in the "
            "environment, FACSIMILE_STUDIO_TOKEN=..., which everybody then has to show"
        )


def _describe_problems(app: FastAPI) -> None:
    """Put the problem's schema, which routes name by reference, into the description."""
    described = app.openapi()
    template = "#/components/schemas/{model}"
    schema = Problem.model_json_schema(ref_template=template)
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    schemas |= schema.pop("$defs", {})
    schemas["Problem"] = schema
