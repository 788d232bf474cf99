"""How far streams are, on stderr."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

T = TypeVar("T")
P = TypeVar("P", bound="StreamProgress")


class StreamProgress:
    """A line for each stream under way.

    Args:
        column: What stands behind the count, in rich's words.
        transient: Whether the lines vanish at the end.
    """

    def __init__(self, column: str, transient: bool = False) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(column),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=transient,
        )

    def __enter__(self: P) -> P:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()


class FrameProgress(StreamProgress):
    """A line for each stream of frames that passes through, with its frames per second."""

    def __init__(self) -> None:
        super().__init__("{task.fields[rate]:.0f} frames/s")

    def watch(self, frames: Iterable[T], label: str, total: int | None) -> Iterator[T]:
        """Pass a stream on and show how much of it has gone by."""
        advance = self._line(label, total)
        for frame in frames:
            yield frame
            advance(1)

    def count(self, portions: Iterable[int], label: str, total: int | None) -> int:
        """Add up numbers of frames as they come, and show how many there were so far."""
        advance = self._line(label, total)
        done = 0
        for portion in portions:
            advance(portion)
            done += portion
        return done

    def _line(self, label: str, total: int | None) -> Callable[[int], None]:
        line = self._progress.add_task(label, total=total, rate=0.0)
        task = self._progress.tasks[-1]

        def advance(frames: int) -> None:
            rate = (task.completed + frames) / max(task.elapsed or 0, 1e-3)
            self._progress.update(line, advance=frames, rate=rate)

        return advance
