import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score, roc_curve
from tests.labelled_faces import write_labelled_faces

from facsimile.data.detection_faces import labelled_faces
from facsimile.degradations.blur import Blur
from facsimile.evaluation.detection import (
    by_video,
    identities,
    intervals,
    measure,
    n_identities,
    scored,
    summarise,
)


def scores_of(n, seed=0, apart=0.8):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    logits = rng.normal(size=n) + apart * (2 * labels - 1)
    return np.round(1 / (1 + np.exp(-logits)), 2), labels  # rounded: some are equal


def people(n=12, faces=4, apart=0.8, seed=0):
    scores, _ = scores_of(2 * n * faces, seed, 0)
    rows = pd.DataFrame(
        [
            {"data": "a", "subject": f"p{who}", "clip": f"p{who}_{label}", "label": label}
            for who in range(n)
            for label in (0, 1)
            for _ in range(faces)
        ]
    )
    rng = np.random.default_rng(seed)
    own = np.repeat(rng.normal(size=n), 2 * faces)  # what makes one person look faker
    logits = rng.normal(size=len(rows)) + own + apart * (2 * rows["label"] - 1)
    return rows.assign(frame=range(len(rows)), score=1 / (1 + np.exp(-logits)))


@pytest.mark.parametrize("seed", range(3))
def test_measures_are_sklearns(seed):
    scores, labels = scores_of(400, seed)
    found = measure(scores, labels)
    assert found["auc"] == pytest.approx(roc_auc_score(labels, scores))
    assert found["ap"] == pytest.approx(average_precision_score(labels, scores))
    assert found["accuracy"] == pytest.approx(accuracy_score(labels, scores >= 0.5))
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    assert found["eer"] == pytest.approx(fpr[np.argmin(np.abs(1 - tpr - fpr))], abs=1e-6)


def test_the_calibration_error_is_that_of_a_reliability_diagram():
    scores, labels = scores_of(3000)
    scores = np.clip(scores + 0.004, 0, 1)  # off the edges of the bins
    share, mean = calibration_curve(labels, scores, n_bins=10)
    sizes = np.histogram(scores, np.linspace(0, 1, 11))[0]
    wanted = (np.abs(share - mean) * sizes).sum() / len(scores)
    assert measure(scores, labels)["ece"] == pytest.approx(wanted, abs=1e-6)


def test_a_score_of_a_video_is_its_faces_mean():
    table = people(n=2, faces=3)
    videos = by_video(table.sample(frac=1, random_state=1))
    wanted = table.groupby(["clip"])["score"].mean()
    assert dict(zip(videos["clip"], videos["score"], strict=True)) == pytest.approx(dict(wanted))
    assert list(videos["subject"]) == ["p0", "p0", "p1", "p1"]


def test_intervals_resample_people_not_faces():
    one = people(n=30, faces=1)
    many = pd.concat([one] * 20, ignore_index=True)  # the same people, twenty equal faces each
    own, repeated = (intervals(table, 60, 1, 10)["auc"] for table in (one, many))
    assert repeated == pytest.approx(own, abs=1e-9)
    assert own[0] < roc_auc_score(one["label"], one["score"]) < own[1]


def test_intervals_cover_the_truth():
    covered = 0
    truth = roc_auc_score(*(people(n=4000, faces=1, seed=99)[k] for k in ("label", "score")))
    for seed in range(20):
        low, high = intervals(people(n=25, faces=2, seed=seed), 60, seed, 10)["auc"]
        covered += low <= truth <= high
    assert covered >= 15


def test_too_few_people_have_no_interval():
    assert intervals(people(n=9), 50, 1, least=10) == {}
    unnamed = people(n=6).assign(subject="")
    assert intervals(unnamed, 20, 1, least=12)  # twelve clips, each by itself
    assert intervals(unnamed, 20, 1, least=13) == {}


def swaps(*pairs):
    """A real and a fake video of each: who is shown, and whose face the fake has."""
    rows = [
        {"data": "a", "subject": who if not label else f"{other}_on_{who}", "label": label}
        | {"clip": f"{who}_{label}{place}", "origin": f"{who}_0{place}"}
        for place, (who, other) in enumerate(pairs)
        for label in (0, 1)
    ]
    return pd.DataFrame(rows)


def test_people_whom_a_fake_joins_are_resampled_together():
    table = swaps(("ann", "bob"), ("bob", "ann"), ("cai", "dan"), ("eve", "dan"), ("fay", "gus"))
    assert list(identities(table)) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    assert list(identities(table.drop(columns="origin"))) == list(identities(table))
    by_body = table.assign(subject=table["subject"].str.split("_on_").str[-1])
    assert n_identities(by_body) == 5


def test_groups_are_those_that_networkx_would_find():
    networkx = pytest.importorskip("networkx")
    rng = np.random.default_rng(0)
    table = swaps(*(tuple(f"p{n}" for n in rng.choice(60, 2, replace=False)) for _ in range(25)))
    graph = networkx.Graph()
    for row in table.itertuples():
        graph.add_edges_from((("clip", row.origin), who) for who in row.subject.split("_on_"))
    assert n_identities(table) == networkx.number_connected_components(graph)


def test_an_unnamed_fake_belongs_to_its_original():
    table = swaps(("ann", "bob"), ("cai", "dan")).assign(subject="")
    assert list(identities(table)) == [0, 0, 1, 1]
    assert list(identities(by_video(table.assign(score=0.5)))) == [0, 0, 1, 1]
    elsewhere = pd.concat([table, table.assign(data="b")], ignore_index=True)
    assert n_identities(elsewhere) == 4


def test_draws_are_a_function_of_the_seed():
    table = people()
    assert intervals(table, 20, 1, 10) == intervals(table, 20, 1, 10)
    assert intervals(table, 20, 1, 10) != intervals(table, 20, 2, 10)


def test_keys_carry_counts_and_bounds():
    table = pd.concat([people(), people(n=3).assign(data="b")], ignore_index=True)
    metrics = summarise(table, 40, 1, 10)
    assert metrics["test/a/frame/n_real"] == metrics["test/a/frame/n_fake"] == 48
    assert metrics["test/a/video/n_real"] == 12 and metrics["test/b/video/n_identities"] == 3
    for name in ("auc", "eer", "ap", "accuracy", "ece"):
        low, value, high = (metrics[f"test/a/frame/{name}{end}"] for end in ("_low", "", "_high"))
        assert 0 <= low <= high <= 1 and 0 <= value <= 1
        assert metrics[f"test/b/frame/{name}_low"] is None
    own = table[table["data"] == "b"]
    assert metrics["test/b/frame/auc"] == pytest.approx(roc_auc_score(own["label"], own["score"]))


class Brightness(torch.nn.Module):
    def forward(self, x):
        return 10 * x.mean(dim=(1, 2, 3))


def test_every_face_gets_the_score_of_its_own_picture(tmp_path):
    write_labelled_faces(tmp_path)
    rows = labelled_faces(tmp_path / "faces", tmp_path / "splits", ["self_blended"])
    found = pd.concat(scored(rows, Brightness(), 64))
    from facsimile.media.image import read_image

    means = [
        read_image(tmp_path / "faces/self_blended" / path).mean() / 25.5 for path in rows["path"]
    ]
    assert list(found["path"]) == list(rows["path"])
    np.testing.assert_allclose(found["logit"], means, rtol=1e-5)
    np.testing.assert_allclose(found["score"], 1 / (1 + np.exp(-np.array(means))), rtol=1e-5)
    worse = pd.concat(scored(rows, Brightness(), 64, Blur(2.0)))
    assert not np.array_equal(found["logit"], worse["logit"])
