"""What a configuration must have before anything can be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facsimile.errors import UserError

if TYPE_CHECKING:
    from omegaconf import DictConfig

# what each group must have; a recipe that sets a value of an absent group leaves a torso
REQUIRED = (
    "data.name", "model._target_", "task.module", "loss._target_", "optimizer._target_",
    "scheduler._target_", "metrics._target_", "trainer._target_", "callbacks.history._target_",
    "logger.mlflow",
)  # fmt: skip


def require_recipe(cfg: DictConfig) -> None:
    """Refuse to train what has no net, no data or nothing to learn by.

    Raises:
        UserError: names the groups that nothing has set.
    """
    missing = _missing(cfg)
    if missing:
        groups = ", ".join(f"{group}=" for group in missing)
        raise UserError(f"nothing to train: choose a recipe with experiment=NAME, or set {groups}")


def _missing(cfg: DictConfig) -> list[str]:
    """The groups that training cannot do without and that nothing has set."""
    from omegaconf import OmegaConf

    missing = [key.rpartition(".")[0] for key in REQUIRED if _absent(cfg, key)]
    # a task that degrades its images names the group; the other tasks need none
    data = OmegaConf.select(cfg, "task.data_module")
    degradation = "task.data_module.degradation"
    if data is not None and "degradation" in data and _absent(cfg, degradation):
        missing.append("degradation")
    return missing


def _absent(cfg: DictConfig, key: str) -> bool:
    """Whether a key is null, missing, or refers to one that is missing."""
    from omegaconf import OmegaConf

    return OmegaConf.select(cfg, key, throw_on_resolution_failure=False) is None
