"""Does restoring degraded faces help a detector? Differences of AUC, and how sure they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.special import expit
from torch import nn

from facsimile.data.sizes import squared
from facsimile.degradations.protocol import Degradation
from facsimile.evaluation.bootstrap import bounds, identity_draws
from facsimile.evaluation.detection import identities, n_identities
from facsimile.evaluation.fake_logits import fake_logits
from facsimile.evaluation.summary import Metrics
from facsimile.evaluation.treated_faces import Restorer, degraded_faces

UNRESTORED = "unrestored"
KEY = ["trained", "degradation", "restored_by"]


@dataclass(frozen=True)
class Detector:
    """A trained net: on what kind of faces, in which of several runs, and its input's side."""

    trained: str
    run: str
    net: nn.Module
    size: int


def score_all(
    rows: pd.DataFrame,
    degradation: tuple[str, Degradation],
    restorers: Mapping[str, Restorer],
    detectors: Sequence[Detector],
) -> Iterator[pd.DataFrame]:
    """The rows of `labelled_faces` with every detector's `score` of every restoration, in portions.

    All restorers see the same degraded pixels, and all detectors the same restored ones. Columns
    beyond those of `rows`: trained, run, degradation, restored_by, score.
    """
    name, degrade = degradation
    for part, degraded in degraded_faces(rows, degrade):
        for restored_by, restorer in restorers.items():
            restored = restorer(degraded)
            for detector in detectors:
                yield part.assign(
                    trained=detector.trained,
                    run=detector.run,
                    degradation=name,
                    restored_by=restored_by,
                    score=_scores(detector, restored),
                )


def _scores(detector: Detector, images: Sequence[np.ndarray]) -> Float[np.ndarray, " n"]:
    squares = np.stack([squared(image, detector.size) for image in images])
    return np.asarray(expit(fake_logits(detector.net, squares)))


def summarise(
    scores: pd.DataFrame, reference: str | None, draws: int, seed: int, least: int
) -> Metrics:
    """AUC of every detector on every treatment, and what the restoration gains.

    `test/<trained>/<degradation>/<restored_by>/auc` is the mean over runs. `…/gain` is the
    difference to the same detectors on the same faces unrestored, `…/over_<reference>` to the
    detectors trained on `reference` faces, unrestored as well. `_low` and `_high` bound 95 %
    bootstrap intervals over identities (Efron 1979, percentiles; None below `least` identities):
    the same people are drawn for both sides of a difference. Beside them n_real, n_fake,
    n_identities and n_runs.

    Args:
        scores: Of `score_all`.
        reference: A value of `trained`, or None.
        draws: Of the bootstrap.
        seed: Of the draws.
        least: Identities that an interval takes.
    """
    ways = {key: _Way(rows) for key, rows in scores.groupby(KEY, sort=False)}
    one = next(iter(ways.values()))
    weights = [np.ones(one.n, int)]
    if one.n_identities >= least:
        weights += identity_draws(one.people, one.labels, draws, seed)
    aucs = {key: np.array([way.auc(drawn) for drawn in weights]) for key, way in ways.items()}
    metrics: Metrics = {}
    for (trained, degradation, restored_by), values in aucs.items():
        prefix = f"test/{trained}/{degradation}/{restored_by}"
        metrics |= _told(f"{prefix}/auc", values)
        plain = aucs[trained, degradation, UNRESTORED]
        if restored_by != UNRESTORED:
            metrics |= _told(f"{prefix}/gain", values - plain)
        if reference is not None and (trained, restored_by) != (reference, UNRESTORED):
            other = aucs[reference, degradation, UNRESTORED]
            metrics |= _told(f"{prefix}/over_{reference}", values - other)
        metrics |= ways[trained, degradation, restored_by].counts(prefix)
    return metrics


class _Way:
    """The scores of one kind of detector on one treatment, a column a run."""

    def __init__(self, rows: pd.DataFrame) -> None:
        runs = [part.sort_values(["data", "path"]) for _, part in rows.groupby("run")]
        first = runs[0].reset_index(drop=True)
        self.labels = first["label"].to_numpy().astype(int)
        self.people, self.n_identities = identities(first), n_identities(first)
        self.n, self.runs = len(first), [_Ranked(run["score"].to_numpy()) for run in runs]

    def auc(self, weights: Int[np.ndarray, " n"]) -> float:
        """The mean over runs, each face counted so many times."""
        return float(np.mean([run.auc(self.labels, weights) for run in self.runs]))

    def counts(self, prefix: str) -> Metrics:
        return {
            f"{prefix}/n_real": int((self.labels == 0).sum()),
            f"{prefix}/n_fake": int((self.labels == 1).sum()),
            f"{prefix}/n_identities": self.n_identities,
            f"{prefix}/n_runs": len(self.runs),
        }


class _Ranked:
    """Scores that are sorted once, for AUCs with many weights."""

    def __init__(self, scores: Float[np.ndarray, " n"]) -> None:
        self.order = np.argsort(scores, kind="stable")
        ordered = scores[self.order]
        self.starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])

    def auc(self, labels: Int[np.ndarray, " n"], weights: Int[np.ndarray, " n"]) -> float:
        """The share of pairs of a fake and a real face in which the fake scores higher.

        A tie counts half (Hanley and McNeil 1982); torchmetrics takes no weights.
        """
        fakes = np.add.reduceat((weights * labels)[self.order], self.starts)
        reals = np.add.reduceat((weights * (1 - labels))[self.order], self.starts)
        below = np.cumsum(reals) - reals / 2
        return float(np.sum(fakes * below) / (fakes.sum() * reals.sum()))


def _told(key: str, values: Float[np.ndarray, " n"]) -> Metrics:
    """The value and its interval's bounds; the first value is that of all faces, once each."""
    low, high = None, None
    if len(values) > 1:
        low, high = bounds(values[1:])
    return {key: float(values[0]), f"{key}_low": low, f"{key}_high": high}
