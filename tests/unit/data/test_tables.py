import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facsimile.data.tables import TableWriter, read_parquet, write_parquet
from facsimile.errors import UserError

SCHEMA = pa.schema([("path", pa.string()), ("frame", pa.int64()), ("yaw", pa.float32())])
MANY = 40_000  # rows: several row groups


def rows(first, last):
    return [{"path": f"p{n % 7}", "frame": n, "yaw": n / 8} for n in range(first, last)]


def written(path, *portions):
    with TableWriter(path, SCHEMA) as writer:
        for portion in portions:
            writer.add(portion)
    return path


def test_rows_come_back_in_their_order_and_types(tmp_path):
    path = written(tmp_path / "new/t.parquet", rows(0, 3), [], rows(3, 5))
    table = pq.read_table(path)
    assert table.schema == SCHEMA
    assert table.to_pylist() == rows(0, 5)


def test_rows_are_counted_before_they_are_written(tmp_path):
    with TableWriter(tmp_path / "t.parquet", SCHEMA) as writer:
        writer.add(rows(0, 3))
        writer.add_file(written(tmp_path / "other.parquet", rows(3, 5)))
        assert writer.rows == 5


def test_the_bytes_do_not_tell_in_which_portions_rows_came(tmp_path):
    whole = written(tmp_path / "1.parquet", rows(0, MANY))
    cuts = [0, 1, 9000, 9001, 35_000, MANY]
    parts = [rows(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
    assert written(tmp_path / "2.parquet", *parts).read_bytes() == whole.read_bytes()
    with TableWriter(tmp_path / "3.parquet", SCHEMA) as writer:
        for number, part in enumerate(parts):
            writer.add_file(written(tmp_path / f"part{number}.parquet", part))
    assert (tmp_path / "3.parquet").read_bytes() == whole.read_bytes()
    assert pq.read_table(whole)["frame"].to_pylist() == list(range(MANY))


def test_row_groups_are_of_one_size(tmp_path):
    file = pq.ParquetFile(written(tmp_path / "t.parquet", *(rows(n, n + 900) for n in range(50))))
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert len(sizes) > 1 and sum(sizes) == 45_000
    assert len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]


def test_what_comes_is_written_while_more_is_to_come(tmp_path):
    with TableWriter(tmp_path / "t.parquet", SCHEMA) as writer:
        writer.add(rows(0, MANY))
        [partial] = tmp_path.iterdir()
        assert partial.stat().st_size > 50_000
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_no_row_is_a_table_too(tmp_path):
    path = written(tmp_path / "t.parquet")
    assert pq.read_table(path).num_rows == 0 and pq.read_schema(path) == SCHEMA


def test_a_file_may_have_more_columns_in_another_order(tmp_path):
    wide = pd.DataFrame(rows(0, 3))[["yaw", "path", "frame"]].assign(more=1)
    pq.write_table(pa.Table.from_pandas(wide).cast(wide_schema()), tmp_path / "wide.parquet")
    with TableWriter(tmp_path / "t.parquet", SCHEMA) as writer:
        writer.add_file(tmp_path / "wide.parquet")
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == rows(0, 3)


def wide_schema():
    fields = [SCHEMA.field(name) for name in ("yaw", "path", "frame")]
    return pa.schema([*fields, ("more", pa.int64())])


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"path": "p", "frame": 1}, KeyError),
        ({"path": "p", "frame": "one", "yaw": 0.0}, pa.ArrowInvalid),
    ],
)
def test_a_row_that_does_not_fit_leaves_what_was_there(tmp_path, bad, error):
    path = written(tmp_path / "t.parquet", rows(0, 2))
    before = path.read_bytes()
    with pytest.raises(error), TableWriter(path, SCHEMA) as writer:
        writer.add(rows(0, MANY))
        writer.add([bad])
    assert [one.name for one in tmp_path.iterdir()] == ["t.parquet"]
    assert path.read_bytes() == before
    with pytest.raises(error):
        write_parquet(path, [bad], SCHEMA)
    assert path.read_bytes() == before


def test_a_broken_off_table_is_not_there(tmp_path):
    with pytest.raises(OSError, match="full"), TableWriter(tmp_path / "t.parquet", SCHEMA) as out:
        out.add(rows(0, 3))
        raise OSError("full")
    assert not list(tmp_path.iterdir())


def test_a_frame_and_its_rows_give_the_same_bytes(tmp_path):
    write_parquet(tmp_path / "1.parquet", rows(0, 9), SCHEMA)
    frame = pd.DataFrame(rows(0, 9), index=range(9, 18)).assign(more="not asked for")
    write_parquet(tmp_path / "2.parquet", frame, SCHEMA)
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


def test_what_a_stage_made_is_read_with_all_its_columns(tmp_path):
    path = written(tmp_path / "t.parquet", rows(0, 3))
    assert read_parquet(path, ["frame"], "extract").to_dict("records") == rows(0, 3)


def test_a_missing_table_names_the_stage_that_makes_it(tmp_path):
    with pytest.raises(UserError, match=r"no .*t\.parquet: run `facsimile select` first"):
        read_parquet(tmp_path / "t.parquet", [], "select")


def test_a_missing_column_and_a_damaged_table_are_named(tmp_path):
    path = written(tmp_path / "t.parquet", rows(0, 3))
    with pytest.raises(UserError, match="t.parquet lacks the columns side, split$"):
        read_parquet(path, ["path", "side", "split"], "split")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UserError, match=r"cannot read .*t\.parquet"):
        read_parquet(path, [], "split")
