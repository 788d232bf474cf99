"""What a data set's configuration states of its people."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.provenance.consent import require_consent

if TYPE_CHECKING:
    from omegaconf import DictConfig


def stated(data: DictConfig, subject: str | None, key: str) -> str:
    """What `sources` states of the subject under `key`, else what the data set says of all."""
    return str(_own(data, subject).get(key) or data.get(key) or "").strip()


def ground(cfg: DictConfig, subject: str | None) -> str:
    """On what ground a data set's person is shown, with the licence; `consent=` wins.

    Under the person's name where something is stated of them alone, else under the data set's.
    """
    own = any(_own(cfg.data, subject).get(key) for key in ("licence", "consent"))
    whose = f"{cfg.data.name}/{subject}" if own else cfg.data.name
    licence = stated(cfg.data, subject, "licence") or "not stated"
    return f"{whose}: {cfg.consent or stated(cfg.data, subject, 'consent')} (licence: {licence})"


def target_ground(
    cfg: DictConfig, clip: Path | str, subject: str | None, listed: bool = True
) -> str:
    """On what ground the person in a clip is shown: as `consent=` says, or else the data set.

    Args:
        cfg: The configuration.
        clip: For the message.
        subject: The person, where known.
        listed: Whether the clip is one of the data set's.

    Raises:
        UserError: Nothing is stated; it says what to write.
    """
    described = listed and bool(stated(cfg.data, subject, "consent"))
    require_consent(cfg.consent, described, clip)
    return str(cfg.consent or ground(cfg, subject))


def joined(*words: str | None) -> str:
    """Statements of several sources, each once."""
    return "; ".join(dict.fromkeys(one for one in words if one))


def _own(data: DictConfig, subject: str | None) -> DictConfig | dict[str, str]:
    """The source that is named like the subject, or whose `people` it is one of."""
    sources = data.get("sources") or {}
    if not subject:
        return {}
    if subject in sources:
        return sources[subject] or {}
    of = (one for one in sources.values() if fnmatchcase(subject, str(one.get("people") or "")))
    return next(of, {})
