from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score
from tests.labelled_faces import write_labelled_faces

from facsimile.data.detection_faces import labelled_faces
from facsimile.degradations.blur import Blur
from facsimile.evaluation.restored_detection import (
    UNRESTORED,
    Detector,
    _Ranked,
    score_all,
    summarise,
)
from facsimile.evaluation.restored_detection_table import restored_detection_table
from facsimile.evaluation.treated_faces import untouched
from facsimile.media.image import read_image


class Brightness(torch.nn.Module):
    """Logit: how bright a face is."""

    def forward(self, images):
        return images.mean((1, 2, 3)) * 4 - 2


def test_a_weighted_auc_is_that_of_repeated_faces():
    rng = np.random.default_rng(1)
    labels, weights = rng.integers(0, 2, 60), rng.integers(0, 4, 60)
    scores = rng.integers(0, 9, 60) / 9  # many ties
    expected = roc_auc_score(labels, scores, sample_weight=weights)
    assert _Ranked(scores).auc(labels, weights) == pytest.approx(expected, abs=1e-12)


def table(people=12, seed=0):
    """Detectors of clean faces fail on blurred ones unless these are restored; others do not."""
    rng, rows = np.random.default_rng(seed), []
    for trained, restored_by, apart in [
        ("clean", UNRESTORED, 0.0),
        ("clean", "net", 1.0),
        ("degraded", UNRESTORED, 2.0),
        ("degraded", "net", 2.0),
    ]:
        for run in ("0", "1"):
            for person in range(people):
                for label in (0, 1):
                    path = f"{person}_{label}"
                    score = rng.normal(apart * label)
                    rows.append([trained, run, "blur", restored_by, path, person, label, score])
    columns = ["trained", "run", "degradation", "restored_by", "path", "subject", "label", "score"]
    made = pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=1)
    return made.assign(data="d", subject=made["subject"].map("p{}".format), clip=made["path"])


def test_gains_are_differences_of_the_runs_mean_auc():
    scores = table()
    metrics = summarise(scores, "degraded", draws=200, seed=1, least=10)

    def auc(trained, restored_by):
        those = scores[(scores["trained"] == trained) & (scores["restored_by"] == restored_by)]
        runs = [roc_auc_score(one["label"], one["score"]) for _, one in those.groupby("run")]
        return np.mean(runs)

    key = "test/clean/blur/net"
    assert metrics[f"{key}/auc"] == pytest.approx(auc("clean", "net"))
    gain = auc("clean", "net") - auc("clean", UNRESTORED)
    assert metrics[f"{key}/gain"] == pytest.approx(gain)
    over = auc("clean", "net") - auc("degraded", UNRESTORED)
    assert metrics[f"{key}/over_degraded"] == pytest.approx(over)
    assert metrics[f"{key}/gain_low"] < gain < metrics[f"{key}/gain_high"]
    assert (metrics[f"{key}/n_identities"], metrics[f"{key}/n_runs"]) == (12, 2)
    assert f"test/clean/blur/{UNRESTORED}/gain" not in metrics
    assert f"test/degraded/blur/{UNRESTORED}/over_degraded" not in metrics
    shown = restored_detection_table(metrics, "degraded")
    assert [row[:3] for row in shown.rows][:2] == [
        ["clean", "blur", UNRESTORED],
        ["clean", "blur", "net"],
    ]
    assert shown.rows[1][4].startswith(f"{gain:+.3f} [")


def test_both_sides_of_a_difference_draw_the_same_people():
    scores = table()
    same = scores[scores["restored_by"] == UNRESTORED].assign(restored_by="net")
    both = pd.concat([scores[scores["restored_by"] == UNRESTORED], same])
    metrics = summarise(both, None, draws=50, seed=1, least=10)
    bounds = [metrics[f"test/clean/blur/net/gain{bound}"] for bound in ("", "_low", "_high")]
    assert bounds == [0, 0, 0]
    assert metrics["test/clean/blur/net/auc_low"] < metrics["test/clean/blur/net/auc_high"]


def test_too_few_people_have_no_interval():
    metrics = summarise(table(people=4), None, draws=50, seed=1, least=10)
    assert metrics["test/clean/blur/net/auc"] is not None
    assert metrics["test/clean/blur/net/auc_low"] is None


def test_all_see_the_same_pixels(tmp_path):
    write_labelled_faces(tmp_path)
    rows = labelled_faces(tmp_path / "faces", tmp_path / "splits", ["self_blended"])
    rows = rows[rows["split"] == "test"]
    seen = {}

    def noting(name):
        def restore(images):
            seen[name] = [image.copy() for image in images]
            return images

        return restore

    restorers = {UNRESTORED: untouched, "a": noting("a"), "b": noting("b")}
    detectors = [Detector("clean", run, Brightness().eval(), 32) for run in ("0", "1")]
    found = pd.concat(score_all(rows, ("blur", Blur([0.5, 3.0])), restorers, detectors))
    assert len(found) == len(rows) * 6
    assert all((a == b).all() for a, b in zip(seen["a"], seen["b"], strict=True))
    assert found.groupby("path")["score"].nunique().eq(1).all()
    assert (seen["a"][0] != read_image(Path(rows["file"].iloc[0]))).any()
