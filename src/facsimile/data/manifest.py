"""A table of faces in bounded memory: some of its columns, or some of its rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Int

from facsimile.data.tables import made_by, require_columns

ROWS = 16384  # that are read at once


def read_columns(path: Path, columns: Sequence[str], schema: pa.Schema, stage: str) -> pd.DataFrame:
    """These columns of a parquet file that a stage made; points stay in Arrow's compact form.

    Args:
        path: The file.
        columns: Those to be read.
        schema: The stage's, whose columns the file must have.
        stage: Its name.

    Raises:
        UserError: there is no such file, it cannot be read, or it lacks a column.
    """
    with made_by(stage, path):
        require_columns(path, pq.read_schema(path).names, schema.names)
        table = pq.read_table(path, columns=list(dict.fromkeys(columns)))
    # consolidated blocks would be a second copy for a while
    frame: pd.DataFrame = table.to_pandas(types_mapper=_compact, split_blocks=True)
    return frame


def read_rows(
    path: Path, places: Int[np.ndarray, " k"], schema: pa.Schema
) -> Iterator[pd.DataFrame]:
    """The rows of a parquet file at these places, in the order of the places, in portions.

    No more is held than these rows, without pandas' overhead.
    """
    wanted, start, found = np.sort(places), 0, []
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS, columns=schema.names):
            inside = wanted[slice(*np.searchsorted(wanted, [start, start + len(batch)]))] - start
            found.append(batch.take(pa.array(inside)))
            start += len(batch)
    table = pa.Table.from_batches(found, schema)
    order = np.searchsorted(wanted, places)
    for first in range(0, len(places), ROWS):
        yield table.take(pa.array(order[first : first + ROWS])).to_pandas()


def _compact(kind: pa.DataType) -> pd.ArrowDtype | None:
    return pd.ArrowDtype(kind) if pa.types.is_fixed_size_list(kind) else None
