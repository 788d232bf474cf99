"""The switch between light and dark, remembered in a cookie: the page is never wrong at first."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from facsimile.studio.pages.rendering import THEMES

router = APIRouter()
_YEAR = 365 * 24 * 3600


@router.post("/theme")
def choose(request: Request, theme: str = Form("auto", max_length=10)) -> Response:
    """Remember the choice and go back to where it was made, if that is a place here."""
    if "hx-request" in request.headers:
        answer = Response(status_code=204)
    else:
        answer = RedirectResponse(_back(request.headers.get("referer", "")), status_code=303)
    if theme in THEMES:
        answer.set_cookie("theme", theme, max_age=_YEAR, httponly=True, samesite="lax")
    else:
        answer.delete_cookie("theme", httponly=True, samesite="lax")
    return answer


def _back(referer: str) -> str:
    """The place that the browser came from, without its host.

    >>> _back("http://localhost:8080/models?sort=name"), _back("http://else//evil.org"), _back("")
    ('/models?sort=name', '/evil.org', '/')
    """
    place = urlsplit(referer)
    query = f"?{place.query}" if place.query else ""
    return "/" + place.path.lstrip("/\\") + query
