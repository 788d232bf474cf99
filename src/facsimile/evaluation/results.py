"""What an evaluation leaves in a recipe's folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facsimile.evaluation.summary import Metrics, write_metrics
from facsimile.media.files import atomic_folder
from facsimile.media.image import write_image


@dataclass
class Results:
    """Metrics, tables of single values, curves to plot, and pictures (RGB), each by its name."""

    metrics: Metrics = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    curves: dict[str, pd.DataFrame] = field(default_factory=dict)
    pictures: dict[str, np.ndarray] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write tables/, plots/ and metrics.json; the last stands for a complete evaluation.

        The same results give the same bytes.
        """
        with atomic_folder(folder / "tables") as tables:
            _write_tables(tables, self.tables)
        with atomic_folder(folder / "plots") as plots:
            for name, curve in self.curves.items():
                curve.to_csv(plots / f"{name}.csv", index=False, float_format="%.6g")
            for name, picture in self.pictures.items():
                write_image(plots / f"{name}.png", picture)
        write_metrics(folder / "metrics.json", self.metrics)


def _write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    for name, table in tables.items():
        rows = pa.Table.from_pandas(table, preserve_index=False)
        # Without what pandas adds: its version would be in the bytes.
        pq.write_table(rows.replace_schema_metadata(None), folder / f"{name}.parquet")
