"""What an evaluation leaves in a recipe's folder."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facsimile.evaluation.summary import Metrics, write_metrics
from facsimile.media.files import atomic_folder
from facsimile.media.image import write_image
from facsimile.provenance.signed_copy import Sign, signed_copy


@dataclass
class Results:
    """Metrics, tables of single values, curves to plot, and pictures (RGB), each by its name.

    A picture's name ends in its format's suffix. `signs` write the signed copy of one that shows a
    synthetic face. `means` are tables short enough to be read as they are, as CSV.
    """

    metrics: Metrics = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    curves: dict[str, pd.DataFrame] = field(default_factory=dict)
    pictures: dict[str, np.ndarray] = field(default_factory=dict)
    signs: dict[str, Sign] = field(default_factory=dict)
    means: dict[str, pd.DataFrame] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write tables/, plots/ and metrics.json; the last stands for a complete evaluation.

        The same results give the same bytes, but for signatures.
        """
        with atomic_folder(folder / "tables") as tables:
            for name, table in self.tables.items():
                write_table(tables / f"{name}.parquet", table)
            for name, table in self.means.items():
                _write_csv(tables / f"{name}.csv", table)
        with atomic_folder(folder / "plots") as plots:
            for name, curve in self.curves.items():
                _write_csv(plots / f"{name}.csv", curve)
            for name, picture in self.pictures.items():
                self._write_picture(plots / name, picture)
        write_metrics(folder / "metrics.json", self.metrics)

    def _write_picture(self, path: Path, picture: np.ndarray) -> None:
        sign = self.signs.get(path.name)
        if sign is None:
            write_image(path, picture)
            return
        with signed_copy(path, sign) as unsigned:
            write_image(unsigned, picture)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a Parquet file; the same rows give the same bytes."""
    rows = pa.Table.from_pandas(table, preserve_index=False)
    # Without what pandas adds: its version would be in the bytes.
    pq.write_table(rows.replace_schema_metadata(None), path)


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False, float_format="%.6g")
