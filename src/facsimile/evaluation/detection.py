"""What a detector's scores are worth, by frame and by video."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int, Num
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit
from torch import nn
from torch.utils.data import DataLoader
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    binary_calibration_error,
    binary_roc,
)

from facsimile.data.detection import HeldOutFaces
from facsimile.data.detection_faces import VIDEO
from facsimile.data.shown import shown_of_all
from facsimile.degradations.protocol import Degradation
from facsimile.evaluation.bootstrap import bounds, identity_draws
from facsimile.evaluation.detection_tables import MEASURES
from facsimile.evaluation.fake_logits import fake_logits
from facsimile.evaluation.summary import Metrics

BINS = 10  # of the calibration, equally wide
_FACES = 64  # that the net sees at once

Scores = Float[np.ndarray, " n"]
Labels = Int[np.ndarray, " n"]


def scored(
    rows: pd.DataFrame, net: nn.Module, size: int, degradation: Degradation | None = None
) -> Iterator[pd.DataFrame]:
    """The rows of `labelled_faces` with the net's `logit` and `score`, batch by batch.

    Args:
        rows: Of the faces.
        net: Faces to logits, in evaluation mode.
        size: Side of the squares that it was trained on, pixels.
        degradation: What a face goes through before, drawn from its path.
    """
    faces = HeldOutFaces(rows, size, degradation)
    start = 0
    for images, _ in DataLoader(faces, batch_size=_FACES):
        logits = fake_logits(net, images.numpy())
        part = rows.iloc[start : start + len(logits)]
        yield part.assign(logit=logits.astype(np.float32), score=expit(logits))
        start += len(logits)


def by_video(frames: pd.DataFrame) -> pd.DataFrame:
    """One row a video (and label, where a clip shows both): the mean of its faces' scores."""
    groups = frames.groupby(VIDEO, as_index=False, sort=True)
    first = {name: (name, "first") for name in ("subject", "origin") if name in frames}
    return groups.agg(**first, score=("score", "mean"))


def measure(scores: Num[np.ndarray, " n"], labels: Labels) -> dict[str, float]:
    """AUC, equal error rate, average precision, accuracy at .5 and expected calibration error.

    The equal error rate is the false positive rate where it is nearest to the false negative one.
    The calibration error is the mean, over faces, of how far the mean score of their bin (of ten)
    is from its share of fakes (Guo et al. 2017, equation 5, for the score of being fake).

    Args:
        scores: Of being fake, 0..1.
        labels: 1 for a fake, 0 for a real one; both occur.

    >>> measure(np.array([0.1, 0.6, 0.4, 0.9]), np.array([0, 0, 1, 1]))["auc"]
    0.75
    """
    preds, target = torch.tensor(scores), torch.tensor(labels)
    fpr, tpr, _ = binary_roc(preds, target)
    nearest = (1 - tpr - fpr).abs().argmin()
    return {
        "auc": float(binary_auroc(preds, target)),
        "eer": float(fpr[nearest]),
        "ap": float(binary_average_precision(preds, target)),
        "accuracy": float(((preds >= 0.5) == target.bool()).double().mean()),
        "ece": float(binary_calibration_error(preds, target, n_bins=BINS)),
    }


def intervals(
    table: pd.DataFrame, draws: int, seed: int, least: int
) -> dict[str, tuple[float, float]]:
    """95 % bootstrap intervals of all measures, drawn by `identities` with all their faces.

    Args:
        table: `label`, `score`, and what `identities` takes.
        draws: How many.
        seed: Of the draws.
        least: Identities; below it nothing is returned, for they are too few to say.
    """
    people = identities(table)
    if people.max(initial=-1) + 1 < least:
        return {}
    scores, labels = table["score"].to_numpy(), table["label"].to_numpy()
    weights = identity_draws(people, labels, draws, seed)
    found = [measure(np.repeat(scores, one), np.repeat(labels, one)) for one in weights]
    return {name: bounds([one[name] for one in found]) for name in MEASURES}


def identities(table: pd.DataFrame) -> Int[np.ndarray, " n"]:
    """A number for each group of faces that shares nobody and no video with the others.

    A swapped face shows two people and joins the faces of both: fakes by one face are no more
    independent than fakes of one body. So the groups are the connected components of who is shown
    by body or by face, and of which original; where no fake joins two people, these are the people.

    Args:
        table: `data`, `clip`, `subject`, `label` and, where it is known, `origin`.
    """
    people, clips = shown_of_all(table), table["clip"]
    origin = table["origin"].fillna("") if "origin" in table else clips
    originals = table["data"] + "/" + origin.mask(origin == "", clips)
    shown = [people[who].where(people[who] == "", "person " + people[who]) for who in people]
    names = np.concatenate([*shown, "video " + originals])
    faces = np.tile(np.arange(len(table)), len(shown) + 1)
    is_named = names != ""
    codes, found = pd.factorize(names[is_named])
    ends = len(table) + codes, faces[is_named]
    size = len(table) + len(found)
    graph = coo_array((np.ones(len(codes), bool), ends), shape=(size, size))
    groups = connected_components(graph, directed=False)[1]
    return np.asarray(pd.factorize(groups[: len(table)])[0])


def n_identities(table: pd.DataFrame) -> int:
    """How many there are."""
    return int(identities(table).max(initial=-1)) + 1


def summarise(frames: pd.DataFrame, draws: int, seed: int, least: int) -> Metrics:
    """Every measure of every data set, as flat keys.

    `test/<data>/<level>/<measure>`, level `frame` or `video`, with its interval's bounds under
    `_low` and `_high` (None where there is none), beside `n_real`, `n_fake` and `n_identities`.

    Args:
        frames: What `scored` gives.
        draws: Of the bootstrap.
        seed: Of the draws.
        least: Identities that an interval takes.
    """
    metrics: Metrics = {}
    for data, rows in frames.groupby("data", sort=False):
        for level, table in (("frame", rows), ("video", by_video(rows))):
            prefix = f"test/{data}/{level}"
            bounds = intervals(table, draws, seed, least)
            values = measure(table["score"].to_numpy(), table["label"].to_numpy())
            metrics |= _with_bounds(prefix, values, bounds)
            metrics[f"{prefix}/n_real"] = int((table["label"] == 0).sum())
            metrics[f"{prefix}/n_fake"] = int((table["label"] == 1).sum())
            metrics[f"{prefix}/n_identities"] = n_identities(table)
    return metrics


def _with_bounds(
    prefix: str, values: Mapping[str, float], bounds: Mapping[str, tuple[float, float]]
) -> Metrics:
    metrics: Metrics = {}
    for name, value in values.items():
        low, high = bounds.get(name, (None, None))
        metrics |= {f"{prefix}/{name}": value, f"{prefix}/{name}_low": low}
        metrics[f"{prefix}/{name}_high"] = high
    return metrics
