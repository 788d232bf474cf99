"""Write a recipe's composed configuration to experiments/<name>/config.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.media.files import atomic_path

if TYPE_CHECKING:
    from hydra.conf import HydraConf
    from omegaconf import DictConfig

SECTIONS = (
    "name", "seed", "data", "detector", "embedder", "evaluation", "degradation", "model", "task",
    "loss", "optimizer", "scheduler", "metrics", "trainer", "callbacks", "render",
)  # fmt: skip


def run(cfg: DictConfig) -> None:
    """Write what DVC watches of a recipe: all but logger, paths and this machine's root."""
    write_config(cfg, recipe_folder(cfg))


def write_config(cfg: DictConfig, folder: Path) -> None:
    """Write config.yaml, unless it says the same already: in a DVC stage it is another's output."""
    import yaml

    text = yaml.safe_dump(resolved(portable(cfg)), sort_keys=False)
    target = folder / "config.yaml"
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return
    with atomic_path(target) as path:
        path.write_text(text, encoding="utf-8")


def portable(cfg: DictConfig) -> DictConfig:
    """A copy that is free of this machine's root."""
    copy = cfg.copy()
    copy.paths.root = "."
    return copy


def resolved(cfg: DictConfig) -> dict[str, Any]:
    """The sections that decide a result, as plain values."""
    from omegaconf import OmegaConf

    sections = {key: cfg.get(key) for key in SECTIONS}
    return {
        key: OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
        for key, value in sections.items()
    }


def detector_settings(cfg: DictConfig) -> dict[str, Any]:
    """What faces are looked for with, its files by their names alone: told with a trained net."""
    detector: dict[str, Any] = resolved(cfg)["detector"]
    words = {key: Path(value).name for key, value in detector.items() if isinstance(value, str)}
    return detector | words


def recipe_folder(cfg: DictConfig) -> Path:
    """Where a recipe's results live: `output=` if given, a sweep's own folder, or experiments/.

    Raises:
        UserError: no recipe was chosen.
    """
    sweep = _sweep_job()
    if cfg.output is not None:
        return Path(cfg.output) / str(sweep.job.num) if sweep else Path(cfg.output)
    if sweep:
        return Path(sweep.runtime.output_dir)
    if cfg.name is None:
        raise UserError(
            "no recipe chosen: say experiment=NAME (conf/experiment/ holds them), "
            "or name= (results go to experiments/NAME) or output=DIR"
        )
    return Path(cfg.paths.experiments, cfg.name)


def _sweep_job() -> HydraConf | None:
    """Hydra's own settings of this job, if a sweep launched it."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    if not HydraConfig.initialized() or HydraConfig.get().mode != RunMode.MULTIRUN:
        return None
    return HydraConfig.get()
