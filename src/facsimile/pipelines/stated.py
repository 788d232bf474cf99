"""What a data set's configuration states of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omegaconf import DictConfig


def stated(data: DictConfig, subject: str | None, key: str) -> str:
    """What `sources` states of the subject under `key`, else what the data set says of all."""
    sources = data.get("sources") or {}
    own = (sources.get(subject) or {}).get(key) if subject else None
    return str(own or data.get(key) or "").strip()


def joined(*words: str | None) -> str:
    """Statements of several sources, each once."""
    return "; ".join(dict.fromkeys(one for one in words if one))
