"""Where the journals of a store lie, and what lies there for other stores."""

from __future__ import annotations

import hashlib
from pathlib import Path

from facsimile.media.files import atomic_path
from facsimile.tracking.delivery import kept_journals

ADDRESS = "address"


def spool_folder(spool: Path, tracking_uri: str) -> Path:
    """The folder of one store's journals; the address may hold a password, its hash does not."""
    return spool / hashlib.sha256(tracking_uri.encode()).hexdigest()[:12]


def note_address(folder: Path, shown: str) -> None:
    """Write down, for people, which store a folder's journals are for."""
    with atomic_path(folder / ADDRESS) as path:
        path.write_text(shown, encoding="utf-8")


def kept_elsewhere(folder: Path) -> list[str]:
    """Addresses of other stores that something is kept for, beside this one's folder."""
    others = [one for one in folder.parent.glob("*") if one.is_dir() and one != folder]
    full = [one for one in others if any(not journal.is_sent for journal in kept_journals(one))]
    return [(one / ADDRESS).read_text("utf-8") for one in full if (one / ADDRESS).is_file()]
