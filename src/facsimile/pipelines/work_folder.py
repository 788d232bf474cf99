"""The folder where an unfinished result lies until it is whole: of one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from facsimile.errors import UserError


@contextmanager
def work_folder(path: Path) -> Iterator[Path]:
    """Keep a folder for this process while the block lasts; removed in the end if it is empty.

    It is held by a lock on a file beside it, which the system takes off whatever ends the process.

    Raises:
        UserError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.lock")
    with _locked(beside):
        try:
            yield path
        finally:
            with suppress(OSError):  # what is not empty is gone on from
                path.rmdir()
            beside.unlink(missing_ok=True)


def _locked(path: Path) -> IO[str]:
    while True:
        file = path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise UserError(
                f"{path.with_suffix('')} is being worked on by another run of this command: "
                "wait for its end, or give another output=DIR"
            ) from None
        except OSError:
            return file  # some network file systems have no locks: then people have to mind
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()  # its holder removed it meanwhile
