"""How far a restoration is, on stderr: files, frames, and rows of a large picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from facsimile.media.progress import StreamProgress

T = TypeVar("T")


class EnhanceProgress(StreamProgress):
    """A line for each stream under way; one that has ended is taken off."""

    def __init__(self) -> None:
        super().__init__("{task.fields[unit]}", transient=True)

    def watch(
        self,
        items: Iterable[T],
        label: str,
        unit: str,
        total: int | None,
        size: Callable[[T], int] = lambda item: 1,
    ) -> Iterator[T]:
        """Pass a stream on and show how much of it has gone by, each item counted by its size."""
        line = self.begin(label, total, unit=unit)
        try:
            for item in items:
                yield item
                self.advance(line, size(item))
        finally:
            self.end(line)
