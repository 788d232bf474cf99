import numpy as np
import pandas as pd
import pytest

from facsimile.evaluation.tables import Table
from facsimile.media.image import write_image
from facsimile.reports.data_sections import (
    faces_section,
    plain_reason,
    sources_section,
    splits_section,
)
from facsimile.reports.origins import Lock
from facsimile.reports.page import Picture


@pytest.fixture
def data(tmp_path):
    """Five faces of two people, two of them dropped for reasons that differ in a number only."""
    rows = []
    for frame, subject in enumerate(["anna", "anna", "orl_s1", "orl_s2", "anna"]):
        path = f"images/{subject}/{frame:06d}.png"
        write_image(tmp_path / "faces" / path, np.full((12, 10, 3), 40 * frame, np.uint8))
        rows.append({"path": path, "subject": subject, "clip": subject, "frame": frame})
    faces = pd.DataFrame(rows)
    (tmp_path / "selected").mkdir()
    faces.to_parquet(tmp_path / "faces" / "faces.parquet")
    faces.iloc[:3].to_parquet(tmp_path / "selected" / "selected.parquet")
    dropped = pd.DataFrame(
        {"path": faces["path"][3:], "reason": ["yaw 61.5 is far", "yaw -70 is far"]}
    )
    dropped.to_parquet(tmp_path / "selected" / "rejected.parquet")
    (tmp_path / "splits").mkdir()
    split = faces.assign(split=["train", "test", "train", "val", "train"])
    split.to_parquet(tmp_path / "splits" / "identity.parquet")
    return tmp_path


def tables(section):
    return {block.title: block.rows for block in section.blocks if isinstance(block, Table)}


def test_faces_are_counted_and_shown(data):
    lock = Lock(data / "dvc.lock")
    section = faces_section(data / "faces", data / "selected", "sample", lock)
    found = tables(section)
    assert found["Faces of each subject"] == [["anna", "3", "2"], ["orl", "2", "1"]]
    assert found["Why faces were dropped"] == [["yaw is far", "2"]]
    assert sum(isinstance(block, Picture) for block in section.blocks) == 2
    assert [origin.path for origin in section.origins] == [
        "data/faces/sample",
        "data/selected/sample",
    ]


def test_nothing_dropped_still_makes_a_picture(data):
    path = data / "selected" / "rejected.parquet"
    pd.read_parquet(path).iloc[:0].to_parquet(path)
    section = faces_section(data / "faces", data / "selected", "sample", Lock(data / "none"))
    assert tables(section)["Why faces were dropped"] == []


def test_what_is_missing_is_told_with_the_command(tmp_path):
    lock = Lock(tmp_path / "dvc.lock")
    faces = faces_section(tmp_path, tmp_path, "sample", lock)
    assert "faces.parquet is missing" in faces.text and "facsimile extract" in faces.text
    assert "facsimile fetch" in sources_section(tmp_path, "sample", lock).text
    assert "facsimile split" in splits_section(tmp_path, "sample", lock).text


def test_splits_are_counted_in_order(data):
    section = splits_section(data / "splits", "sample", Lock(data / "dvc.lock"))
    assert tables(section)["By person, for enhancement"] == [
        ["train", "anna, orl", "3", "2", "2"],
        ["val", "orl", "1", "1", "1"],
        ["test", "anna", "1", "1", "1"],
    ]
    assert "swap.parquet is missing" in section.text


def test_sources_state_licence_and_consent(tmp_path):
    (tmp_path / "sources.yaml").write_text("anna: {package: p==1, licence: MIT, consent: given}")
    section = sources_section(tmp_path, "sample", Lock(tmp_path / "dvc.lock"))
    (row,) = section.blocks[0].rows
    assert list(row) == ["anna", "p==1", "-", "MIT", "given"]


@pytest.mark.parametrize("number", ["7", "-0.25", "12.00"])
def test_reasons_differ_by_words_only(number):
    assert plain_reason(f"brightness {number} is outside") == "brightness is outside"
