"""Errors as problem+json (RFC 9457), each documented."""

import logging
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from facsimile.data.description import told
from facsimile.errors import UserError
from facsimile.studio.errors import StudioError, Wrong
from facsimile.studio.schema import FieldProblem, Problem

#: Makes a page of a request, a status and what is wrong.
ErrorPage = Callable[[Request, int, str], Response]

_LOG = logging.getLogger(__name__)


class ProblemResponse(JSONResponse):
    """An answer that says what is wrong."""

    media_type = "application/problem+json"


def problem_response(status: int, detail: str, wrong: Sequence[Wrong] = ()) -> ProblemResponse:
    """The answer to a request that cannot be done."""
    errors = [FieldProblem(field=field, message=message) for field, message in wrong]
    title = HTTPStatus(status).phrase
    said = Problem(title=title, status=status, detail=_plain(detail), errors=errors)
    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    return ProblemResponse(said.model_dump(), status, headers)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route's description says of the errors that it answers with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {ProblemResponse.media_type: {"schema": schema}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted(statuses)
    }


def add_handlers(app: FastAPI, page: ErrorPage) -> None:
    """Answer every error of the application: as a problem, or to a browser as a page.

    Args:
        app: The application.
        page: Makes a page of a request, a status and what is wrong.
    """

    def answer(request: Request, status: int, detail: str, wrong: Sequence[Wrong] = ()) -> Response:
        if _wants_page(request):
            return page(request, status, detail)
        return problem_response(status, detail, wrong)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        wrong = [told(one) for one in error.errors()]
        if all(one["loc"][0] == "path" for one in error.errors()):
            return answer(request, 404, "nothing can have this name", wrong)
        text = "; ".join(": ".join(one).strip(": ") for one in wrong)
        return answer(request, 422, text, wrong)

    @app.exception_handler(StudioError)
    def _refused(request: Request, error: StudioError) -> Response:
        return answer(request, error.status, str(error), error.wrong)

    @app.exception_handler(UserError)
    def _user(request: Request, error: UserError) -> Response:
        return answer(request, 422, str(error))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        answered = answer(request, error.status_code, str(error.detail))
        answered.headers.update(error.headers or {})
        return answered

    @app.exception_handler(Exception)
    def _bug(request: Request, error: Exception) -> Response:
        _LOG.error("a request failed", exc_info=error)
        return answer(request, 500, "the studio has a mistake: its log says more")


def _wants_page(request: Request) -> bool:
    by_program = request.url.path.startswith("/api/")
    return not by_program and "text/html" in request.headers.get("accept", "")


def _plain(detail: str) -> str:
    """A text that can be written as JSON in UTF-8."""
    return detail.encode("utf-8", "replace").decode()
