"""What is still to be sent of one run: lines on disk in their order, and the files they name."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from facsimile.media.files import atomic_path

LINES, SENT, RUN, FILES, REFUSED = "journal.jsonl", "sent", "run_id", "files", "refused.jsonl"
LOCK, OWNER = "lock", "owner"
TRIES, PAUSE = 20, 0.05  # seconds between them: others send a few lines
LOCAL = "local-"  # of a run that no server knows yet
_OWNED: dict[Path, IO[str]] = {}  # the runs that this process makes
RUNNING, BEGUN_OR_ENDED = "RUNNING", ("create", "status")
Entry = dict[str, Any]


class Journal:
    """The entries of one run, kept until they are sent.

    Several processes may append (the jobs of a sweep tag one parent), one at a time sends. What a
    kill leaves of a line is passed over.

    Args:
        folder: Its own; the name is the run's id, or begins with `local-` until there is one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def run_id(self) -> str | None:
        """The id by which the server knows the run; None where it does not yet."""
        if not self.folder.name.startswith(LOCAL):
            return self.folder.name
        told = self.folder / RUN
        return told.read_text(encoding="utf-8") if told.is_file() else None

    def created(self, run_id: str) -> None:
        """Note the id that the server gave."""
        _write(self.folder / RUN, run_id)

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add an entry: plain values, one line, written at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        line = f"{json.dumps(entry, ensure_ascii=False)}\n".encode()
        place = os.open(self.folder / LINES, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(place, line if self._is_whole(place) else b"\n" + line)
        finally:
            os.close(place)

    def keep(self, path: Path, name: str | None = None) -> str:
        """Keep a file or a folder as it is now, under its name or another; returns its place here.

        Linked where that can be: ours are replaced whole, never written into.
        """
        place = f"{uuid4().hex[:12]}/{name or path.name}"
        target = self.file(place)
        target.parent.mkdir(parents=True)
        if path.is_dir():
            shutil.copytree(path, target, copy_function=_link)
        else:
            _link(path, target)
        return place

    def file(self, name: str) -> Path:
        """Where a kept file lies."""
        return self.folder / FILES / name

    def drop(self, name: str) -> None:
        """Forget a kept file, which was sent."""
        shutil.rmtree(self.file(name).parent, ignore_errors=True)

    def entries(self, all_of_them: bool = False) -> Iterator[tuple[Entry, int]]:
        """Yield the entries that are not sent, each with the place after it, for `sent`."""
        path = self.folder / LINES
        if not path.is_file():
            return
        with path.open("rb") as file:
            file.seek(0 if all_of_them else self._place())
            while (line := file.readline()).endswith(b"\n"):
                entry = _entry(line)
                if entry is not None:
                    yield entry, file.tell()

    @property
    def is_sent(self) -> bool:
        """Whether nothing is left to send."""
        return next(self.entries(), None) is None

    @property
    def end(self) -> int:
        """The place after the last entry."""
        path = self.folder / LINES
        return path.stat().st_size if path.is_file() else 0

    def sent(self, place: int) -> None:
        """Note that all before this place was sent."""
        _write(self.folder / SENT, str(place))

    def refuse(self, entry: Entry, reason: str) -> None:
        """Set aside an entry that the server does not take, with its reason."""
        with (self.folder / REFUSED).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(entry | {'reason': reason}, ensure_ascii=False)}\n")

    def clear(self) -> None:
        """Remove what was sent, unless there is more by now.

        What was refused stays, with the files, and so does the id of a run that began here.
        """
        with self.sending() as ours:
            if not ours or not self.is_sent:
                return
            for name in (LINES, SENT):
                (self.folder / name).unlink(missing_ok=True)
            if not (self.folder / REFUSED).is_file():
                shutil.rmtree(self.folder / FILES, ignore_errors=True)
            if self.folder.is_dir() and not {p.name for p in self.folder.iterdir()} - {LOCK, OWNER}:
                shutil.rmtree(self.folder, ignore_errors=True)

    def remove(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def created_as(self) -> dict[str, str]:
        """The tags that the run was created with, if that is told here."""
        first = next(self.entries(all_of_them=True), None)
        return dict(first[0]["tags"]) if first and first[0]["do"] == "create" else {}

    def own(self) -> None:
        """Make the run this process's; the system takes that off whatever ends the process."""
        if self.folder in _OWNED:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        file = (self.folder / OWNER).open("a")
        with suppress(OSError):  # another process makes the same run, or there are no locks here
            # not `flock`: processes that this one forks would hold it, and outlive it
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _OWNED[self.folder] = file

    def disown(self) -> None:
        """Let go of the run, which has ended."""
        if (file := _OWNED.pop(self.folder, None)) is not None:
            file.close()

    @property
    def is_owned(self) -> bool | None:
        """Whether a process is making the run now; None where nobody can tell."""
        if self.folder in _OWNED:
            return True
        if not (self.folder / OWNER).is_file():
            return None
        with (self.folder / OWNER).open("a") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # of these two, what the system chooses
                return True
            except OSError:
                return None
        return False

    @property
    def is_open(self) -> bool:
        """Whether the run was begun, and not ended, as far as is told here."""
        told = [one for one, _ in self.entries(all_of_them=True) if one["do"] in BEGUN_OR_ENDED]
        return bool(told) and told[-1].get("status", RUNNING) == RUNNING

    @property
    def written(self) -> int:
        """When an entry was last added, in milliseconds."""
        return (self.folder / LINES).stat().st_mtime_ns // 1_000_000

    @contextmanager
    def sending(self) -> Iterator[bool]:
        """Hold the journal while the block sends; False where another process does."""
        if not self.folder.is_dir():
            yield True
            return
        with (self.folder / LOCK).open("a") as file:
            yield any(_locked(file) for _ in range(TRIES))

    def _place(self) -> int:
        told = self.folder / SENT
        return int(told.read_text(encoding="utf-8")) if told.is_file() else 0

    @staticmethod
    def _is_whole(place: int) -> bool:
        end = os.fstat(place).st_size
        return end == 0 or os.pread(place, 1, end - 1) == b"\n"


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(PAUSE)
        return False
    except OSError:
        return True  # some network file systems have no locks
    return True


def _entry(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")


def _link(source: Path | str, target: Path | str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
