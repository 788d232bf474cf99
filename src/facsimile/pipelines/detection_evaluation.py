"""How a trained detector is measured: on people whom it never saw, of one data set or several."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from omegaconf import DictConfig
    from torch import nn

    from facsimile.evaluation.results import Results

TABLE = ["data", "path", "subject", "clip", "frame", "label", "logit", "score"]


def evaluate_detection(cfg: DictConfig, net: nn.Module, meta: Mapping[str, Any]) -> Results:
    """Score the test faces of `evaluation.data`, else of the data that the net was trained on.

    Raises:
        UserError: No recipe is given, a table is missing, has no real or no fake test face, or
            shows somebody whom the training saw.
    """
    from facsimile.evaluation.detection import summarise
    from facsimile.evaluation.detection_curves import by_identity, reliability, roc_curves
    from facsimile.evaluation.results import Results
    from facsimile.inference.checkpoint import training_data

    if cfg.get("task") is None:
        raise UserError("say experiment=NAME as well: it holds the data set to test with")
    rows = _tested(cfg, meta.get("seen") or _seen_as_of_today(cfg, training_data(meta)))
    frames = _scored(cfg, net, int(meta.get("crop_size") or cfg.task.data_module.crop_size), rows)
    chosen = cfg.evaluation
    return Results(
        summarise(frames, chosen.draws, cfg.seed, chosen.least),
        {"frames": frames[TABLE], "identities": by_identity(frames)},
        roc_curves(frames) | reliability(frames),
    )


def tested_data(cfg: DictConfig) -> list[str]:
    """Names of the data sets that a detector is measured on.

    Raises:
        UserError: The recipe does not say how a detector is measured.
    """
    if "least" not in cfg.evaluation:
        raise UserError("a detector is measured as conf/evaluation/detection.yaml says: give "
                        "evaluation=detection")  # fmt: skip
    return [str(name) for name in cfg.evaluation.data or cfg.task.data_module.data]


def test_faces(cfg: DictConfig, learnt: Sequence[str]) -> pd.DataFrame:
    """The faces to be tested, before a training: as the splits are now, it sees nothing of them.

    Args:
        cfg: The configuration.
        learnt: Names of the data sets that the net is to learn from.

    Raises:
        UserError: As `evaluate_detection`.
    """
    return _tested(cfg, _seen_in(cfg, learnt))


def _tested(cfg: DictConfig, seen: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The faces to be tested, after the control that training saw nothing of them."""
    import pandas as pd

    from facsimile.data.detection_faces import both_kinds, check_unseen, labelled_faces, spaced

    rows = labelled_faces(Path(cfg.paths.faces), Path(cfg.paths.splits), tested_data(cfg))
    parts = [both_kinds(part, "test", str(name)) for name, part in rows.groupby("data", sort=False)]
    tested = pd.concat(parts, ignore_index=True)
    check_unseen(tested, seen)
    return spaced(tested, cfg.evaluation.frames)


def _seen_in(cfg: DictConfig, learnt: Sequence[str]) -> list[list[str]]:
    from facsimile.data.detection_faces import labelled_faces, seen_names

    return seen_names(labelled_faces(Path(cfg.paths.faces), Path(cfg.paths.splits), learnt))


def _seen_as_of_today(cfg: DictConfig, learnt: Sequence[str]) -> list[list[str]]:
    """What a net saw whose checkpoint does not tell, if nobody has changed the splits since."""
    names = list(dict.fromkeys(one.partition("/")[0] for one in learnt))
    known = [name for name in names if Path(cfg.paths.splits, name, "identity.parquet").is_file()]
    gone = [f", and there is no {Path(cfg.paths.splits, name)}" for name in {*names} - {*known}]
    print(
        "the checkpoint does not say whom its training saw: controlled for leaks by the splits "
        f"as they are now{''.join(sorted(gone))}",
        file=sys.stderr,
    )
    return _seen_in(cfg, known) if known else []


def _scored(cfg: DictConfig, net: nn.Module, size: int, rows: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd
    from hydra.utils import instantiate

    from facsimile.evaluation.detection import scored
    from facsimile.pipelines.enhance_progress import EnhanceProgress

    degradation = instantiate(cfg.evaluation.degradation)
    with EnhanceProgress() as progress:
        parts = scored(rows, net, size, degradation)
        watched = progress.watch(parts, "measure the net", "faces", len(rows), len)
        return pd.concat(watched, ignore_index=True)
