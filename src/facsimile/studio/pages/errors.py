"""What goes wrong, as a page."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse

from facsimile.studio.pages.rendering import page

_TITLES = {
    401: "The token is needed",
    403: "Not from here",
    404: "There is no such page",
    409: "That cannot be now",
    412: "It was changed in between",
    413: "Too large",
    500: "The studio has a mistake",
}


def error_page(request: Request, status: int, detail: str) -> HTMLResponse:
    """A page that says what is wrong, in the words of whoever found it."""
    if detail == HTTPStatus(status).phrase:  # nobody said more than the number
        detail = "nothing is at this address" if status == 404 else "that cannot be done here"
    if "hx-request" in request.headers:  # for a place in a page that is there
        return page(request, "alert.html", status, detail=detail)
    title = _TITLES.get(status, HTTPStatus(status).phrase)
    return page(request, "error.html", status, title=title, detail=detail)
