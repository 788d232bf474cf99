"""How long one file may be worked on."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager


class WorkLimit:
    """Counts the seconds of work on one file; the time that its reader takes is none.

    Args:
        seconds: How many are allowed; None for any number.
    """

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._end = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Whether they are used up."""
        return time.monotonic() > self._end

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing counts within the block."""
        since = time.monotonic()
        yield
        self._end += time.monotonic() - since

    def __str__(self) -> str:
        return f"reading it takes more than {self.seconds:g} seconds"
