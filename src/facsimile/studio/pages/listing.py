"""The list of data sets: searched, sorted, page by page; deleting, and taking it back."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from facsimile.studio.api.parts import Name, Served
from facsimile.studio.errors import NotFoundError, TakenError
from facsimile.studio.pages import flash
from facsimile.studio.pages.page_numbers import PageLink, page_links
from facsimile.studio.pages.rendering import page
from facsimile.studio.pages.states import shown_state
from facsimile.studio.schema import DataSetSummary, Page
from facsimile.studio.store import SORTS

router = APIRouter()
SIZE = 20
_COLUMNS = (("number", "No."), ("name", "Name"), ("", "Details"), ("state", "State"))


@dataclass(frozen=True)
class Column:
    """A column's heading; `href` sorts by it, `order` says how it is sorted now."""

    words: str
    href: str = ""
    order: str = ""
    arrow: str = ""


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    number: int
    name: str
    details: str
    state: str
    tone: str


@router.get("/")
def start() -> Response:
    """The list is where one begins."""
    return RedirectResponse("/datasets")


@router.get("/datasets")
def listed(
    request: Request,
    studio: Served,
    search: str = Query("", max_length=200),
    sort: str = Query("number", max_length=20),
    number: int = Query(1, alias="page", ge=1, le=10**6),
) -> Response:
    """Those data sets that have every word of the search."""
    sort = sort if sort.removeprefix("-") in SORTS else "number"
    found = studio.datasets.list(search, sort, number, SIZE)
    return page(
        request,
        "list.html",
        area="datasets",
        search=search,
        sort=sort,
        found=_told(found, search),
        rows=[_row(one) for one in found.items],
        columns=_columns(search, sort),
        pages=_pages(found, search, sort),
    )


@router.get("/datasets/{name}/delete")
def ask(request: Request, studio: Served, name: Name) -> Response:
    """Ask first."""
    found = studio.datasets.get(name)
    place = f"conf/local/data/{name}.yaml"
    return page(request, "delete.html", area="datasets", name=found.name, place=place)


@router.post("/datasets/{name}/delete")
def delete(studio: Served, name: Name) -> Response:
    """Delete, and offer to undo it."""
    studio.datasets.delete(name)
    return flash.then("/datasets", "deleted", name)


@router.post("/datasets/{name}/undo")
def undo(studio: Served, name: Name) -> Response:
    """Bring a deleted data set back."""
    try:
        studio.datasets.undo(name)
    except (NotFoundError, TakenError):
        return flash.then("/datasets", "gone", name)
    return flash.then("/datasets", "undone", name)


def _row(one: DataSetSummary) -> Row:
    state = shown_state(one.state)
    return Row(one.number, one.name, one.details, state.words, state.tone)


def _told(found: Page, search: str) -> str:
    """How many there are, in words.

    >>> _told(Page(items=[], total=1, page=1, pages=1, size=20), "orl")
    '1 data set found'
    """
    sets = "1 data set" if found.total == 1 else f"{found.total} data sets"
    where = f", page {found.page} of {found.pages}" if found.pages > 1 else ""
    return f"{sets}{' found' if search else ''}{where}"


def _columns(search: str, sort: str) -> list[Column]:
    return [_column(key, words, search, sort) for key, words in _COLUMNS]


def _column(key: str, words: str, search: str, sort: str) -> Column:
    if not key:
        return Column(words)
    now = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    then = f"-{key}" if now == "ascending" else key
    arrow = {"ascending": "↑", "descending": "↓"}.get(now, "")
    return Column(words, _place(search, then, 1), now, arrow)


def _pages(found: Page, search: str, sort: str) -> list[PageLink]:
    return page_links(found.page, found.pages, lambda number: _place(search, sort, number))


def _place(search: str, sort: str, number: int) -> str:
    given = {"search": search, "sort": sort if sort != "number" else "", "page": number}
    said = {key: value for key, value in given.items() if value and (key, value) != ("page", 1)}
    return "/datasets" + (f"?{urlencode(said)}" if said else "")
