"""What only a whole clip tells: whether expressions are followed, and whether the face trembles."""

import math

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torchmetrics.functional.classification import binary_auroc

from facsimile.evaluation.summary import NO_SWAP, Metrics
from facsimile.evaluation.swap import SECOND
from facsimile.faces.flicker import jitter

CORRELATIONS = {"mouth_correlation": "mouth_opening", "eye_correlation": "eye_opening"}
RATIOS = ("flicker_ratio", "jitter_ratio")
OVER_TIME = (*CORRELATIONS, *RATIOS)
_FEWEST = 3  # frames that a correlation is told of


def over_time(table: pd.DataFrame, row: str, prefix: str) -> Metrics:
    """Compare a row with the untouched frames of its clip, as `<prefix>/<name>`.

    `mouth_correlation` and `eye_correlation` are Pearson's, of the openings over the frames where
    both were measured; `flicker` (levels) and `jitter` (eye distances) are the clip's own and
    `_ratio` those by the target's. `fake_auc` says how well the judge tells the row's frames from
    the untouched ones: the share of pairs in which the row's looks more fake.
    `second_identity_frames` says in how many frames the second embedder looked. None: not to be
    told.

    Args:
        table: What `measure_clip` gave, one row a frame and row of the comparison.
        row: swap, still or no_swap.
        prefix: Of the keys.
    """
    mine, target = (_rows(table, name) for name in (row, NO_SWAP))
    values: Metrics = {
        name: correlation(mine[column].to_numpy(), target[column].to_numpy())
        for name, column in CORRELATIONS.items()
    }
    for name in ("flicker", "jitter"):
        own, its = (_UNSTEADY[name](rows) for rows in (mine, target))
        values |= {name: _known(own), f"{name}_ratio": _known(own / its if its else math.nan)}
    values["fake_auc"] = _told_apart(mine, target)
    values["second_identity_frames"] = int(mine[SECOND[0]].notna().sum())
    return {f"{prefix}/{name}": value for name, value in values.items()}


def correlation(preds: Float[np.ndarray, " t"], target: Float[np.ndarray, " t"]) -> float | None:
    """Pearson's correlation where both are known; None where that is too little, or constant.

    >>> correlation(np.array([0.0, 1, 2, np.nan]), np.array([1.0, 3, 5, 0])).__round__(6)
    1.0
    """
    known = np.isfinite(preds) & np.isfinite(target)
    if known.sum() < _FEWEST:
        return None
    x, y = (values[known] - values[known].mean() for values in (preds, target))
    size = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(np.clip(x @ y / size, -1, 1)) if size else None


def _rows(table: pd.DataFrame, row: str) -> pd.DataFrame:
    return table[table["row"] == row].sort_values("frame")


def _told_apart(mine: pd.DataFrame, target: pd.DataFrame) -> float | None:
    scores = [rows["fake_score"].dropna().to_numpy() for rows in (mine, target)]
    if not all(len(one) for one in scores):
        return None
    labels = np.repeat([1, 0], [len(one) for one in scores])
    return float(binary_auroc(torch.tensor(np.concatenate(scores)), torch.tensor(labels)))


def _jitter(rows: pd.DataFrame) -> float:
    return jitter(np.stack(rows["landmarks"].to_list()).astype(np.float64).reshape(-1, 5, 2))


_UNSTEADY = {"flicker": lambda rows: float(rows["flicker"].mean()), "jitter": _jitter}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
