"""Jobs of a sweep on one machine begin to train as soon as there is memory for them."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import IO, Any

import psutil  # type: ignore[import-untyped]

from facsimile.pipelines.job_lock import held

MB = 1 << 20


class MemoryTurn:
    """Lets a job begin when what it needs is free beside what the others will still take.

    Whoever begins leaves a claim in a file of the sweep's folder; that of a process that is gone
    counts no more. A job that no other one could make room for is let through: it refuses itself.

    Args:
        folder: Where the machine's file lies, shared by the jobs.
        pause: Seconds between two looks.
        show: Prints a line.
    """

    def __init__(
        self, folder: Path, pause: float = 1.0, show: Callable[[str], Any] = print
    ) -> None:
        self.path = folder / f".memory-{socket.gethostname()}.json"
        self.pause, self.show = pause, show

    def __call__(self, wanted: int, free: Callable[[], int]) -> None:
        """Wait for `wanted` bytes; `free` says how many there are."""
        told = False
        while (missing := self._claim(wanted, free())) > 0:
            if not told:
                self.show(
                    f"memory: waiting for other jobs to end: {wanted / MB:.0f} MB are needed, "
                    f"{missing / MB:.0f} MB of them are not free yet"
                )
            told = True
            sleep(self.pause)

    def release(self) -> None:
        """Take this process's claim back."""
        if self.path.is_file():
            with held(self.path) as file:
                _write(file, {k: v for k, v in _read(file).items() if k != str(os.getpid())})

    def _claim(self, wanted: int, free: int) -> int:
        """Claim the memory if it is free; returns how much is missing otherwise."""
        with held(self.path) as file:
            others = {
                k: v for k, v in _read(file).items() if k != str(os.getpid()) and _lives(k, v)
            }
            missing = wanted + sum(_still(k, v) for k, v in others.items()) - free
            if missing > 0 and others:
                return missing
            me = psutil.Process()
            mine = {"wanted": wanted, "had": me.memory_info().rss, "since": me.create_time()}
            _write(file, others | {str(me.pid): mine})
            return 0


def _lives(pid: str, claim: dict[str, Any]) -> bool:
    try:
        return bool(psutil.Process(int(pid)).create_time() == claim["since"])
    except psutil.NoSuchProcess:
        return False


def _still(pid: str, claim: dict[str, Any]) -> int:
    """What a process claimed and has not taken yet."""
    try:
        taken = psutil.Process(int(pid)).memory_info().rss - claim["had"]
    except psutil.NoSuchProcess:
        return 0
    return max(0, int(claim["wanted"] - max(0, taken)))


def _read(file: IO[str]) -> dict[str, dict[str, Any]]:
    file.seek(0)
    text = file.read()
    try:
        claims: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    except json.JSONDecodeError:  # its writer was killed
        return {}
    return claims


def _write(file: IO[str], claims: dict[str, dict[str, Any]]) -> None:
    file.seek(0)
    file.truncate()
    json.dump(claims, file)
    file.flush()
