"""Templates to answers: what every page is given beside its own."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from facsimile.studio.pages import flash

THEMES = ("light", "dark")


@cache
def environment() -> Environment:
    """The templates; all that is put into them is escaped."""
    return Environment(
        loader=PackageLoader("facsimile.studio"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(
    request: Request, template: str, status: int = 200, area: str = "", **given: Any
) -> HTMLResponse:
    """A page, or a part of one.

    Args:
        request: What asked for it.
        template: The file's name.
        status: Of the answer.
        area: Which word of the navigation it belongs to.
        **given: What the template needs.
    """
    theme = request.cookies.get("theme", "")
    due = flash.message(request)
    text = (
        environment()
        .get_template(template)
        .render(
            area=area,
            theme=theme if theme in THEMES else "",
            message=due,
            csrf_token=request.state.csrf,
            **given,
        )
    )
    answer = HTMLResponse(text, status_code=status)
    if due is not None and "hx-request" not in request.headers:
        flash.shown(answer)
    return answer
