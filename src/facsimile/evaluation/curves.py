"""Tables laid out for plots: one column a line."""

from collections.abc import Mapping

import pandas as pd

FIGURES = ("pixel_cosine", "ssim", "psnr", "identity_source", "identity_target")
EXPRESSION = ("mouth_opening", "eye_opening")  # where dense landmarks were found


def per_frame_curves(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """One table a direction and measure, as `<measure>_<direction>`.

    Columns are `frame` and the rows of the comparison (swap, still, no_swap). What is infinite or
    missing is empty, since the readers of these files know no infinity; a frame in which nobody
    looked is left out, and so is an expression that was never measured.
    """
    return {
        f"{measure}_{direction}": _wide(table, measure)
        for direction, table in tables.items()
        for measure in (*FIGURES, *(one for one in EXPRESSION if table[one].notna().any()))
    }


def _wide(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    rows = list(dict.fromkeys(table["row"]))
    wide = table.pivot(index="frame", columns="row", values=measure)[rows].dropna(how="all")
    wide = wide.where(wide.abs() != float("inf"))
    return wide.rename_axis(columns=None).reset_index()
