"""How far streams are, on stderr: lines that grow in a terminal, now and then one in a log."""

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

LOGGED = 30.0  # seconds between the lines of a log
T = TypeVar("T")
P = TypeVar("P", bound="StreamProgress")


class StreamProgress:
    """A line for each stream under way.

    Args:
        column: What stands behind the count, in rich's words.
        transient: Whether the lines vanish at the end.
    """

    def __init__(self, column: str, transient: bool = False) -> None:
        self._column = column
        self._console = Console(stderr=True)
        self._logged = time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(column),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
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

    def begin(self, label: str, total: int | None, completed: int = 0, **fields: Any) -> TaskID:
        """A new line; the fields are what its column tells."""
        return self._progress.add_task(label, total=total, completed=completed, **fields)

    def advance(self, line: TaskID, amount: int, **fields: Any) -> None:
        """So much more of it is done; where stderr is no terminal, that is told now and then."""
        self._progress.update(line, advance=amount, **fields)
        if not self._console.is_terminal and time.monotonic() - self._logged > LOGGED:
            self._logged = time.monotonic()
            for task in self._progress.tasks:
                of = f" of {task.total:.0f}" if task.total is not None else ""
                told = self._column.format(task=task)
                self.say(f"{task.description}: {task.completed:.0f}{of} {told}")

    def say(self, text: str) -> None:
        """A line that stays, above those that grow."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def end(self, line: TaskID) -> None:
        """Take the line off."""
        self._progress.remove_task(line)


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
        line = self.begin(label, total, rate=0.0)
        task = self._progress.tasks[-1]

        def advance(frames: int) -> None:
            rate = (task.completed + frames) / max(task.elapsed or 0, 1e-3)
            self.advance(line, frames, rate=rate)

        return advance
