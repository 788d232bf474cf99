"""Who is to be replaced in a clip: what the data set knows of it, and how that person looks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facsimile.errors import UserError
from facsimile.pipelines.held_out import read_selected

if TYPE_CHECKING:
    from jaxtyping import Float
    from omegaconf import DictConfig

    from facsimile.data.records import Clip
    from facsimile.rendering.choice import Choice


def listed(cfg: DictConfig, path: Path) -> Clip | None:
    """What the data set says of this very file; None where it does not list it."""
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    file = path.resolve()
    if not file.is_relative_to(Path(cfg.data.root).resolve()):
        return None  # without looking through all of a large data set
    try:
        clips = instantiate(cfg.data.dataset).clips()
        return next((clip for clip in clips if Path(clip.path).resolve() == file), None)
    except (UserError, InstantiationException):  # a data set that is not there lists nothing
        return None


def choice_of(cfg: DictConfig, person: str | None, data: str | None) -> Choice:
    """What `render.face` chooses among a frame's faces.

    Args:
        cfg: The configuration.
        person: Whom `identity` looks for; None where nobody knows.
        data: The data set that this is somebody of.
    """
    from facsimile.rendering.choice import every, largest

    if cfg.render.face == "all":
        return every
    if cfg.render.face == "largest":
        return largest
    looks = _looks(cfg, person) if person and data == cfg.data.name else None
    if looks is None:
        who = person or "the person"
        print(
            f"nothing tells how {who} looks: of each frame the largest face is replaced, whoever "
            "it is",
            file=sys.stderr,
        )
        return largest
    return _by_identity(cfg, looks)


def _by_identity(cfg: DictConfig, looks: Float[np.ndarray, " d"]) -> Choice:
    from hydra.utils import instantiate

    from facsimile.rendering.choice import ByIdentity

    embedder = instantiate(cfg.embedder)
    return ByIdentity(embedder, looks, embedder.same_person)


def _looks(cfg: DictConfig, person: str) -> Float[np.ndarray, " d"] | None:
    """The mean embedding of the person's selected faces; None where there are none.

    Raises:
        UserError: Another embedder than today's made them.
    """
    from facsimile.faces.embedded_by import require_embedder

    try:
        rows = read_selected(cfg, ("subject", "embedding"))
    except UserError:  # nothing was selected yet
        return None
    selected = Path(cfg.paths.selected, cfg.data.name, "selected.parquet")
    require_embedder(selected, cfg.embedder._target_)
    own = rows[rows["subject"] == person]
    return None if own.empty else np.stack(own["embedding"].tolist()).mean(0)
