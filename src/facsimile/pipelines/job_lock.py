"""A file that one process at a time holds; the others wait."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def held(path: Path, waiting: Callable[[], object] = lambda: None) -> Iterator[IO[str]]:
    """Hold a file, which is made if need be, while the block lasts.

    The system takes the lock off whatever ends the process. On the few file systems that know no
    locks nobody waits.

    Args:
        path: The file.
        waiting: Called once if another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            pass
        yield file
