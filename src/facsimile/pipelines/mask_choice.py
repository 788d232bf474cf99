"""Whether the training masks that were chosen are drawn at all, and serve what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facsimile.errors import UserError

if TYPE_CHECKING:
    from omegaconf import DictConfig

_USUAL, _PARTS = "tight", "components"


def check_mask(cfg: DictConfig) -> None:
    """Refuse a kind of mask that nothing draws, or that would mislead the colour transfer.

    Raises:
        UserError: It says what to set.
    """
    from omegaconf import OmegaConf

    target = OmegaConf.select(cfg, "task.data_module.mask._target_")
    if target is None:
        return
    data, kind = cfg.task.data_module, target.rpartition(".")[2].lower()
    if kind != _USUAL and not (data.masks or data.eyes_mouth):
        raise UserError(f"task/mask={kind} draws nothing: set task.data_module.masks=true as well")
    if kind == _PARTS and data.colour_transfer != "none":
        raise UserError(
            f"task/mask={kind} would take the colours of eyes and lips for the face's: set "
            "task.data_module.colour_transfer=none or another mask"
        )
