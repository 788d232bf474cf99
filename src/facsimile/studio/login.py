"""Showing the token once: a browser's session remembers it."""

import hmac
from typing import Annotated, cast

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from facsimile.studio.pages.rendering import page
from facsimile.studio.security import cookie_of
from facsimile.studio.studio import Studio

router = APIRouter()


@router.get("/login")
def show_login(request: Request) -> Response:
    """The form that asks for the token."""
    return page(request, "login.html", title="Log in", wrong="")


@router.post("/login")
def log_in(request: Request, token: Annotated[str, Form(max_length=1000)] = "") -> Response:
    """Let a browser in that shows the token."""
    studio = cast("Studio", request.app.state.studio)
    wanted = studio.settings.token
    if wanted is not None and not hmac.compare_digest(token.encode(), wanted.encode()):
        return page(request, "login.html", 401, title="Log in", wrong="That is not the token.")
    answer = RedirectResponse("/", status_code=303)
    session = request.state.session.partition(".")[0]
    answer.headers.append("set-cookie", cookie_of(studio.keys.signed(session)))
    return answer
