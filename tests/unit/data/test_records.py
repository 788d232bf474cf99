import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facsimile.data.records import FACES, REJECTED, Clip
from facsimile.data.tables import read_parquet, write_parquet
from facsimile.errors import UserError
from facsimile.faces.quality import QUALITIES

ROW = {
    **dict.fromkeys(("path", "dataset", "clip", "subject", "origin", "official"), "é"),
    **dict.fromkeys(("frame", "face", "track", "label", "width", "height"), 3),
    **dict.fromkeys(("time", "bbox_x", "bbox_y", "bbox_w", "bbox_h"), 0.5),
    **dict.fromkeys(("score", *QUALITIES), 0.25),
    **dict.fromkeys(("landmarks", "crop_landmarks"), [float(k) for k in range(10)]),
}


def test_round_trip_from_rows_and_from_a_frame(tmp_path):
    write_parquet(tmp_path / "a.parquet", [ROW, ROW], FACES)
    table = read_parquet(tmp_path / "a.parquet", FACES.names, "extract")
    assert list(table.columns) == FACES.names and len(table) == 2
    assert table["landmarks"][0].dtype == np.float32 and table["label"].dtype == np.int8
    write_parquet(tmp_path / "b.parquet", table.assign(extra=1), FACES)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert pq.read_schema(tmp_path / "b.parquet").metadata is None


def test_index_of_a_frame_is_not_stored(tmp_path):
    rows = pd.DataFrame({"path": ["a", "b"], "reason": ["x", "y"]})
    write_parquet(tmp_path / "a.parquet", rows, REJECTED)
    write_parquet(tmp_path / "b.parquet", rows.set_axis([7, 8]), REJECTED)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_no_rows_keep_the_types(tmp_path):
    write_parquet(tmp_path / "a.parquet", [], FACES)
    assert pq.read_schema(tmp_path / "a.parquet").equals(FACES)


def test_nine_numbers_are_not_five_points(tmp_path):
    with pytest.raises(pa.ArrowInvalid):
        write_parquet(tmp_path / "a.parquet", [ROW | {"landmarks": [0.0] * 9}], FACES)
    with pytest.raises(KeyError):
        write_parquet(tmp_path / "a.parquet", [{"path": "x"}], REJECTED)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.parquet"):
        read_parquet(tmp_path / "gone.parquet", FACES.names, "extract")
    (tmp_path / "text.parquet").write_text("no parquet")
    with pytest.raises(UserError, match=r"text\.parquet"):
        read_parquet(tmp_path / "text.parquet", FACES.names, "extract")
    write_parquet(tmp_path / "r.parquet", [{"path": "a", "reason": "b"}], REJECTED)
    with pytest.raises(UserError, match="landmarks"):
        read_parquet(tmp_path / "r.parquet", FACES.names, "extract")


def test_clip_is_frozen():
    clip = Clip(Path("a.mp4"), "sample", "a", "b", "video")
    assert (clip.frame, clip.label, clip.cropped) == (0, 0, False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        clip.label = 1
