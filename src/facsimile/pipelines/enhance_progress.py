"""How far a restoration is, on stderr: files, frames, and rows of a large picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

T = TypeVar("T")


class EnhanceProgress:
    """A line for each stream under way; one that has ended is taken off."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )

    def __enter__(self) -> EnhanceProgress:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def watch(
        self,
        items: Iterable[T],
        label: str,
        unit: str,
        total: int | None,
        size: Callable[[T], int] = lambda item: 1,
    ) -> Iterator[T]:
        """Pass a stream on and show how much of it has gone by, each item counted by its size."""
        line = self._progress.add_task(label, total=total, unit=unit)
        try:
            for item in items:
                yield item
                self._progress.advance(line, size(item))
        finally:
            self._progress.remove_task(line)
