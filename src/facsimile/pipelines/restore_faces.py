"""Degrade every face of a data set once, and restore it: a copy that a detector learns from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig

_TREATMENT = "treatment.yaml"


def run(cfg: DictConfig) -> None:
    """Fill `output=`, a folder for `paths.faces=`, with the faces of `data=`.

    `degradation=` is drawn from each face's path; `checkpoint=` or `filter=` restores. Only faces
    of the splits `restore_faces.splits` are there. `treatment.yaml` says what was done.
    """
    import yaml
    from hydra.utils import instantiate

    from facsimile.data.detection_faces import labelled_faces
    from facsimile.evaluation.treated_faces import degraded_faces
    from facsimile.media.image import write_image
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.pipelines.restorers import chosen_restorer

    if cfg.output is None or cfg.get("degradation") is None:
        raise UserError("say output=DIR and degradation=NAME (clean leaves the faces as they are)")
    restorer, name = chosen_restorer(cfg), str(cfg.data.name)
    rows = labelled_faces(Path(cfg.paths.faces), Path(cfg.paths.splits), [name])
    rows = rows[rows["split"].isin(list(cfg.restore_faces.splits))]
    folder, ours = Path(cfg.output), Made((_TREATMENT,), (name,))
    ours.check(folder)
    with atomic_folder(folder, ours) as made, EnhanceProgress() as progress:
        parts = degraded_faces(rows, instantiate(cfg.degradation))
        for part, degraded in progress.watch(
            parts, f"restore {name}", "faces", len(rows), lambda one: len(one[0])
        ):
            for path, image in zip(part["path"], restorer(degraded), strict=True):
                write_image(made / name / path, image)
        told = {key: _plain(cfg.get(key)) for key in ("degradation", "filter", "checkpoint")}
        (made / _TREATMENT).write_text(yaml.safe_dump(told), encoding="utf-8")
    print(f"{folder}: {len(rows)} faces of {name}")


def _plain(node: Any) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
