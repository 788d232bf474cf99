"""The tables that stages hand on: parquet files of a schema, written atomically."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facsimile.errors import UserError
from facsimile.media.files import atomic_path

_ROWS = 4096  # of a row group: what a writer holds back
_PAGE = 2**16  # bytes of one column that a writer holds back


def write_parquet(
    path: Path, rows: pd.DataFrame | Sequence[Mapping[str, Any]], schema: pa.Schema
) -> None:
    """Write rows in the schema's columns, atomically; the same rows give the same bytes.

    Raises pyarrow.ArrowInvalid or KeyError for rows that lack a column or hold another type.
    """
    if isinstance(rows, pd.DataFrame):
        table = pa.Table.from_pandas(rows, schema, preserve_index=False)
    else:
        columns = {name: [row[name] for row in rows] for name in schema.names}
        table = pa.table(columns, schema)
    with atomic_path(path) as partial:
        # Without the metadata that pandas adds: its version would be in the bytes.
        pq.write_table(table.replace_schema_metadata(None), partial)


class TableWriter:
    """Writes rows as they come, atomically and in bounded memory; the same rows, the same bytes.

    Use it as a context manager: the file appears whole when the block ends well.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self.rows = 0
        self._path = path
        self._waiting: list[pa.Table] = []

    def __enter__(self) -> "TableWriter":
        self._file = atomic_path(self._path)
        # numbers hardly repeat: their dictionaries would only take memory
        texts = [field.name for field in self.schema if pa.types.is_string(field.type)]
        self._writer = pq.ParquetWriter(
            self._file.__enter__(), self.schema, use_dictionary=texts, data_page_size=_PAGE
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._flush(1)
        self._writer.close()
        self._file.__exit__(kind, error, trace)

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append rows; raises pyarrow.ArrowInvalid or KeyError for one that does not fit."""
        columns = {name: [row[name] for row in rows] for name in self.schema.names}
        self._append(pa.table(columns, self.schema))

    def add_file(self, path: Path) -> None:
        """Append the rows of a file of this schema."""
        with pq.ParquetFile(path) as file:
            # one thread: each takes memory of its own, and there is little to win
            for batch in file.iter_batches(_ROWS, columns=self.schema.names, use_threads=False):
                self._append(pa.Table.from_batches([batch], self.schema))

    def _append(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self.rows += len(table)
        self._flush(_ROWS)

    def _flush(self, least: int) -> None:
        """Write row groups of one size, wherever the rows came from."""
        if sum(map(len, self._waiting)) < least:
            return
        table = pa.concat_tables(self._waiting)
        whole = len(table) if least < _ROWS else len(table) // _ROWS * _ROWS
        self._writer.write_table(table.slice(0, whole), row_group_size=_ROWS)
        self._waiting = [table.slice(whole).combine_chunks()]


def read_parquet(path: Path, columns: Sequence[str], stage: str) -> pd.DataFrame:
    """The rows of a parquet file that a stage made, whose columns must include these.

    Raises UserError when there is no such file (naming the stage) or it lacks a column.
    """
    with made_by(stage, path):
        table = pq.read_table(path)
        require_columns(path, table.column_names, columns)
    frame: pd.DataFrame = table.to_pandas()
    return frame


@contextmanager
def made_by(stage: str, path: Path) -> Iterator[None]:
    """Read a parquet file that a stage made.

    Raises UserError, within, when there is no such file (naming the stage) or it cannot be read.
    """
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"there is no {path}: run `facsimile {stage}` first") from None
    except pa.ArrowInvalid as error:
        raise UserError(f"cannot read {path}: {error}") from error


def require_columns(path: Path, there: Sequence[str], wanted: Sequence[str]) -> None:
    """Raise UserError, for people, when a table lacks a column."""
    if missing := [name for name in wanted if name not in there]:
        raise UserError(f"{path} lacks the columns {', '.join(missing)}")
