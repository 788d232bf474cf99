"""How long a server may take over a file before it counts as away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TIMEOUT = "MLFLOW_HTTP_REQUEST_TIMEOUT"
RATE = 1_000_000  # bytes a second that a server passes on to its store, at the least


@contextmanager
def patience_for(path: Path) -> Iterator[None]:
    """Wait longer while a large file or folder is sent.

    A tracking server answers only when its own store has the file, so what is enough for a metric
    is not for a gigabyte. MLflow reads its setting at each request.
    """
    usual = os.environ[TIMEOUT]
    os.environ[TIMEOUT] = str(int(usual) + _largest(path) // RATE)
    try:
        yield
    finally:
        os.environ[TIMEOUT] = usual


def _largest(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return max((one.stat().st_size for one in files if one.is_file()), default=0)
