"""Degrade held-out faces into the fixed test sets that everything is measured on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.media.files import Made, atomic_folder
from facsimile.pipelines.places import output_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig

_MADE = Made(("degraded.parquet",), ("images",))


def run(cfg: DictConfig) -> None:
    """Degrade `data/faces/<data.name>` into `data/degraded/<data.name>` or `output=`."""
    from hydra.utils import instantiate

    from facsimile.pipelines.enhance_progress import EnhanceProgress

    folder = output_folder(cfg, degraded_folder(cfg))
    _MADE.check(folder)
    sets = instantiate(cfg.degrade)
    faces = Path(cfg.paths.faces) / cfg.data.name
    photos = sets.photos(Path(cfg.paths.splits) / cfg.data.name / "identity.parquet")
    with atomic_folder(folder, _MADE) as partial, EnhanceProgress() as progress:
        portions = sets.write(photos, faces, partial)
        made = sum(progress.watch(portions, f"degrade {cfg.data.name}", "faces", len(photos)))
    print(f"{folder}: {made} pictures of {len(photos)} faces")


def degraded_folder(cfg: DictConfig) -> Path:
    """Where the test sets of the data set lie."""
    return Path(cfg.paths.data, "degraded", cfg.data.name)
