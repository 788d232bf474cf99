import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import auc, roc_auc_score
from tests.unit.evaluation.test_detection import people

from facsimile.evaluation.detection import by_video
from facsimile.evaluation.detection_curves import by_identity, reliability, roc_curves
from facsimile.evaluation.detection_tables import detection_table
from facsimile.evaluation.result_tables import tables_of


@pytest.fixture
def frames():
    return pd.concat([people(), people(n=4, seed=2).assign(data="b")], ignore_index=True)


def test_the_area_below_a_curve_is_its_auc(frames):
    curves = roc_curves(frames)
    assert set(curves) == {"roc_a_frame", "roc_a_video", "roc_b_frame", "roc_b_video"}
    own = frames[frames["data"] == "a"]
    for level, table in (("frame", own), ("video", by_video(own))):
        curve = curves[f"roc_a_{level}"]
        assert auc(curve["fpr"], curve["tpr"]) == pytest.approx(
            roc_auc_score(table["label"], table["score"]), abs=1e-6
        )


def test_reliability_counts_every_face_once(frames):
    frames.loc[0, "score"] = 1.0  # belongs to the last bin
    table = reliability(frames)["reliability_a"]
    assert table["faces"].sum() == (frames["data"] == "a").sum()
    assert (
        (table["low"] <= table["mean_score"]) & (table["mean_score"] <= table["low"] + 0.1)
    ).all()
    share = np.average(table["share_fake"], weights=table["faces"])
    assert share == pytest.approx(frames[frames["data"] == "a"]["label"].mean())


def test_a_row_for_each_identity(frames):
    one_kind = frames[(frames["data"] == "a") | (frames["label"] == 0)]
    table = by_identity(one_kind)
    assert len(table) == 16
    first = one_kind[(one_kind["data"] == "a") & (one_kind["subject"] == "p3")]
    row = table[(table["data"] == "a") & (table["subject"] == "p3")].iloc[0]
    assert row["auc"] == pytest.approx(roc_auc_score(first["label"], first["score"]))
    assert row["mean_fake"] == pytest.approx(first[first["label"] == 1]["score"].mean())
    assert table[table["data"] == "b"]["auc"].isna().all()


def test_a_fake_is_in_the_row_of_the_body_it_shows(frames):
    own = frames[frames["data"] == "b"]
    fakes = own["label"] == 1
    swapped = own.assign(subject=own["subject"].mask(fakes, "p9_on_" + own["subject"]))
    table, plain = by_identity(swapped), by_identity(own)
    assert list(table["subject"]) == ["p0", "p1", "p2", "p3"]
    assert set(table["faces_of"]) == {"p9"} and set(plain["faces_of"]) == {""}
    assert table.drop(columns="faces_of").equals(plain.drop(columns="faces_of"))


def test_the_table_says_what_is_known():
    metrics = {
        f"test/a/{level}/{key}": value
        for level in ("frame", "video")
        for key, value in {
            "auc": 0.9123, "auc_low": 0.8, "auc_high": 0.95, "eer": 0.2, "eer_low": None,
            "eer_high": None, "ap": 0.9, "accuracy": 0.8, "ece": 0.1, "n_real": 40, "n_fake": 41,
            "n_identities": 11,
        }.items()
    }  # fmt: skip
    [table] = tables_of(metrics)
    assert table == detection_table(metrics)
    assert table.rows[0][:5] == ["a", "frame", "40", "41", "11"]
    assert table.rows[0][5:7] == ["0.912 [0.800, 0.950]", "0.200"]
    assert [row[1] for row in table.rows] == ["frame", "video"]
