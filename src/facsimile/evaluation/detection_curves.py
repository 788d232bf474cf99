"""Scores laid out for plots and tables: ROC curves, reliability, and a row for each identity."""

import numpy as np
import pandas as pd
import torch
from torchmetrics.functional.classification import binary_roc

from facsimile.data.shown import shown
from facsimile.evaluation.detection import BINS, by_video, measure


def roc_curves(frames: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """False and true positive rates at every threshold, as `roc_<data>_frame` and `…_video`."""
    return {
        f"roc_{data}_{level}": _roc(table)
        for data, rows in frames.groupby("data", sort=False)
        for level, table in (("frame", rows), ("video", by_video(rows)))
    }


def _roc(table: pd.DataFrame) -> pd.DataFrame:
    scores, labels = (torch.tensor(table[name].to_numpy()) for name in ("score", "label"))
    fpr, tpr, thresholds = (values.numpy() for values in binary_roc(scores, labels))
    return pd.DataFrame({"fpr": fpr, "tpr": tpr, "threshold": thresholds})


def reliability(frames: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Of the faces of each tenth of the scores their mean score and share of fakes.

    One table a data set, as `reliability_<data>`; of a calibrated detector both are equal.
    """
    found = {}
    for data, rows in frames.groupby("data", sort=False):
        place = np.clip((rows["score"] * BINS).astype(int), 0, BINS - 1)
        parts = rows.assign(low=place / BINS).groupby("low", as_index=False)
        found[f"reliability_{data}"] = parts.agg(
            faces=("score", "size"), mean_score=("score", "mean"), share_fake=("label", "mean")
        )
    return found


def by_identity(frames: pd.DataFrame) -> pd.DataFrame:
    """A row for each person of each data set: faces, mean scores, and AUC where there are both.

    A swapped face counts for the person whose body it is on; `faces_of` names whose they are.
    """
    people = frames.assign(**shown(frames).rename(columns={"target": "subject"}))
    return pd.DataFrame(
        [
            {"data": data, "subject": subject, "faces_of": _swapped_in(rows), **_of_one(rows)}
            for (data, subject), rows in people.groupby(["data", "subject"], sort=True)
        ]
    )


def _swapped_in(rows: pd.DataFrame) -> str:
    return ", ".join(sorted(set(rows["source"]) - {""}))


def _of_one(rows: pd.DataFrame) -> dict[str, float | int | None]:
    real, fake = (rows[rows["label"] == label]["score"] for label in (0, 1))
    both = len(real) and len(fake)
    auc = measure(rows["score"].to_numpy(), rows["label"].to_numpy())["auc"] if both else None
    return {
        "n_real": len(real),
        "n_fake": len(fake),
        "mean_real": float(real.mean()) if len(real) else None,
        "mean_fake": float(fake.mean()) if len(fake) else None,
        "auc": auc,
    }
