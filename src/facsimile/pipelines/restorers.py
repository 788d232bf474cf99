"""What restores faces before a detector sees them: filters and trained nets, by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omegaconf import DictConfig

    from facsimile.evaluation.treated_faces import Restorer


def chosen_restorer(cfg: DictConfig) -> Restorer:
    """The net of `checkpoint=`, or `filter=`, or none.

    Raises:
        UserError: Both are given.
    """
    from hydra.utils import instantiate

    from facsimile.evaluation.treated_faces import by_filter, untouched

    chosen = cfg.get("filter")
    if cfg.checkpoint is not None and chosen is not None:
        raise UserError("give checkpoint= or filter=, not both: faces are restored once")
    if cfg.checkpoint is not None:
        return net_restorer(Path(cfg.checkpoint))
    return untouched if chosen is None else by_filter(instantiate(chosen))


def named_restorers(filters: DictConfig, nets: Mapping[str, str | None]) -> dict[str, Restorer]:
    """Every filter and every net that is not left out, by name."""
    from hydra.utils import instantiate

    from facsimile.evaluation.treated_faces import by_filter

    found = {str(name): by_filter(instantiate(node)) for name, node in filters.items()}
    paths = {name: Path(path) for name, path in nets.items() if path is not None}
    return found | {name: net_restorer(path) for name, path in paths.items()}


def net_restorer(path: Path) -> Restorer:
    """The restoration net of a checkpoint.

    Raises:
        UserError: It is of another task, or enlarges.
    """
    from facsimile.evaluation.treated_faces import by_net
    from facsimile.inference.checkpoint import load_net

    net, _ = load_net(path, "enhancement")
    if getattr(net, "scale", 1) != 1:
        raise UserError(f"{path} enlarges: a detector needs faces of the size it was trained on")
    return by_net(net)
