"""Compare detectors on faces as they are, degraded, and restored: does enhancement help them?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    from omegaconf import DictConfig

    from facsimile.evaluation.restored_detection import Detector

COLUMNS = [
    *("data", "path", "subject", "origin", "clip", "frame", "label"),
    *("trained", "run", "degradation", "restored_by", "score"),
]


def run(cfg: DictConfig) -> None:
    """Test the detectors below `input=` on the test faces of `data=`, into `output=`.

    `input`/degraded/2/checkpoint.ckpt is one of the runs that were trained on faces called
    degraded. All see the same faces in every treatment of conf/detect_restored: the degraded
    pixels are made once, and restored once by each method.
    """
    from facsimile.evaluation.restored_detection import summarise
    from facsimile.evaluation.restored_detection_table import restored_detection_table
    from facsimile.evaluation.results import Results
    from facsimile.pipelines.study import write_tables

    if cfg.input is None or cfg.output is None:
        raise UserError(
            "say input=DIR, a folder of trained detectors for each kind of training, and output=DIR"
        )
    chosen = cfg.evaluation
    if "least" not in chosen:
        raise UserError("say evaluation=detection: it holds what intervals are drawn by")
    detectors, seen = _detectors(Path(cfg.input))
    reference = cfg.detect_restored.reference
    if reference is not None and reference not in {one.trained for one in detectors}:
        raise UserError(f"detect_restored.reference={reference}: {cfg.input} has no such folder")
    scores = _scores(cfg, detectors, _faces(cfg, seen))
    metrics = summarise(scores, reference, chosen.draws, cfg.seed, chosen.least)
    Results(metrics, {"scores": scores}).write(Path(cfg.output))
    write_tables(Path(cfg.output), [restored_detection_table(metrics, reference)])


def _detectors(folder: Path) -> tuple[list[Detector], list[list[str]]]:
    """Every checkpoint below the folder, and whom and what their trainings saw.

    Raises:
        UserError: There is none, or one is of another task.
    """
    from facsimile.evaluation.restored_detection import Detector
    from facsimile.inference.checkpoint import load_net

    found: list[Detector] = []
    seen: list[list[str]] = []
    for path in sorted(folder.rglob("checkpoint.ckpt")):
        trained, *run = path.parent.relative_to(folder).parts or (folder.name,)
        net, meta = load_net(path, "detection")
        seen += meta.get("seen") or []
        found.append(Detector(trained, "/".join(run), net, int(meta["crop_size"])))
    if not found:
        raise UserError(f"there is no checkpoint.ckpt below input={folder}")
    return found, seen


def _scores(cfg: DictConfig, detectors: list[Detector], rows: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd
    from hydra.utils import instantiate

    from facsimile.evaluation.restored_detection import UNRESTORED, score_all
    from facsimile.evaluation.treated_faces import untouched
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.pipelines.restorers import named_restorers

    chosen = cfg.detect_restored
    restorers = {UNRESTORED: untouched, **named_restorers(chosen.filters, chosen.nets)}
    degradations = {str(name): instantiate(node) for name, node in chosen.degradations.items()}
    tables: list[pd.DataFrame] = []
    with EnhanceProgress() as progress:
        for degradation in degradations.items():
            parts = score_all(rows, degradation, restorers, detectors)
            label, total = degradation[0], len(rows) * len(restorers) * len(detectors)
            tables += progress.watch(parts, label, "scores", total, len)
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def _faces(cfg: DictConfig, seen: list[list[str]]) -> pd.DataFrame:
    """The test faces, after the control that no training saw anything of them."""
    from facsimile.data.detection_faces import both_kinds, check_unseen, labelled_faces, spaced

    name = str(cfg.data.name)
    rows = labelled_faces(Path(cfg.paths.faces), Path(cfg.paths.splits), [name])
    tested = both_kinds(rows, "test", name)
    check_unseen(tested, seen)
    return spaced(tested, cfg.evaluation.frames)
