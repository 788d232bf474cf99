"""Pictures by step, as MLflow's pages show them."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import uuid4

from facsimile.tracking.journal import Entry, Journal
from facsimile.tracking.names import valid_name

FOLDER = "images"
THERE = {"do": "tags", "tags": {"mlflow.loggedImages": "True"}}  # so that the pages look for them


def picture_entry(journal: Journal, path: Path, key: str, step: int) -> Entry:
    """Keep a picture for a run; returns what sends it.

    It is the file as it is, signature included: MLflow's own function writes the pixels anew.

    Args:
        journal: Of the run.
        path: A PNG or JPEG.
        key: What it shows; pictures of one key are shown side by side.
        step: Of the training.
    """
    shown = valid_name(key).replace("/", "#")  # as MLflow writes it in a file's name
    name = f"{shown}+step+{step}+timestamp+{int(time.time() * 1000)}+{uuid4()}"
    # the page knows these two endings, and asks for both: for the small one it gets this as well;
    # a browser goes by the bytes
    names = (f"{name}.png", f"{name}+compressed.webp")
    return {"do": "files", "files": [journal.keep(path, one) for one in names], "below": FOLDER}
