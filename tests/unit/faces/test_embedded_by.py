import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facsimile.errors import UserError
from facsimile.faces.embedded_by import EMBEDDER, require_embedder


@pytest.fixture
def write(tmp_path):
    def write(**said):
        table = pa.table({"a": [1]}).replace_schema_metadata(said or None)
        pq.write_table(table, tmp_path / "selected.parquet")
        return tmp_path / "selected.parquet"

    return write


def test_the_same_embedder_and_a_table_that_does_not_say_pass(write):
    require_embedder(write(**{EMBEDDER: "a.SFace"}), "a.SFace")
    require_embedder(write(), "a.SFace")
    require_embedder(write(other="b"), "a.SFace")


def test_another_is_refused_with_what_to_run(write):
    with pytest.raises(UserError, match="by a.SFace, .* of b.Other .*facsimile select data="):
        require_embedder(write(**{EMBEDDER: "a.SFace"}), "b.Other")
