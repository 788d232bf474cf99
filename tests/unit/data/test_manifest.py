import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from facsimile.data import manifest
from facsimile.data.manifest import read_columns, read_rows
from facsimile.data.tables import write_parquet
from facsimile.errors import UserError

POINTS = pa.list_(pa.float32(), 2)
SCHEMA = pa.schema([("path", pa.string()), ("frame", pa.int64()), ("points", POINTS)])


@pytest.fixture
def table(tmp_path):
    rows = [{"path": f"{n}.png", "frame": n, "points": [n, n + 0.5]} for n in range(50)]
    write_parquet(tmp_path / "faces.parquet", rows, SCHEMA)
    return tmp_path / "faces.parquet"


def test_some_columns(table):
    found = read_columns(table, ["frame", "points", "frame"], SCHEMA, "extract")
    assert list(found.columns) == ["frame", "points"] and list(found.frame) == list(range(50))
    assert np.asarray(found.points[3], np.float32).tolist() == [3.0, 3.5]


def test_a_file_that_does_not_serve_is_told(table, tmp_path):
    with pytest.raises(UserError, match="run `facsimile extract` first"):
        read_columns(tmp_path / "none.parquet", ["path"], SCHEMA, "extract")
    more = pa.schema([*SCHEMA, ("score", pa.float32())])
    with pytest.raises(UserError, match="lacks the columns score"):
        read_columns(table, ["path"], more, "extract")
    (tmp_path / "text.parquet").write_text("no table")
    with pytest.raises(UserError, match="cannot read"):
        read_columns(tmp_path / "text.parquet", ["path"], SCHEMA, "extract")


@pytest.mark.parametrize("places", [[], [7], [49, 0, 20, 21, 8], list(range(50))[::-1]])
def test_some_rows_in_the_order_asked_for(table, places, monkeypatch):
    monkeypatch.setattr(manifest, "ROWS", 2)
    portions = list(read_rows(table, np.array(places, np.int64), SCHEMA))
    assert all(len(portion) <= 2 for portion in portions)
    found = pd.concat([pd.DataFrame({"frame": []}), *portions])
    assert list(found.frame) == places
