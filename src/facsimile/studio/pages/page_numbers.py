"""Links to the pages of something long."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class PageLink:
    """A link to a page; `label` is what a screen reader says."""

    words: str
    label: str
    href: str
    current: bool = False


def page_links(now: int, last: int, place: Callable[[int], str]) -> list[PageLink]:
    """The one before, the first, those around, the last, the next; none where all is on one page.

    >>> [link.words for link in page_links(5, 9, str)]
    ['‹', '1', '4', '5', '6', '9', '›']
    """
    if last < 2:
        return []
    numbers = sorted({1, last, *range(max(1, now - 1), min(last, now + 1) + 1)})
    links = [PageLink(str(n), f"Page {n}", place(n), n == now) for n in numbers]
    before = [PageLink("‹", "The page before", place(now - 1))] if now > 1 else []
    after = [PageLink("›", "The next page", place(now + 1))] if now < last else []
    return [*before, *links, *after]
