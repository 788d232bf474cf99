"""Curves of a pair of videos: each measure against the frame, the form of paper 1's figures 7-9."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from facsimile.reports.plots import STYLE, as_png, row_of_panels

REGIONS = {"frame": "#c2410c", "face": "#2563eb", "background": "#64748b"}
#: A figure each: its file's name, and what stands at the axis of each measure in it.
FIGURES = {
    "pixel_cosine": {"pixel_cosine": "pixel cosine similarity"},
    "ssim": {"ssim_rgb": "SSIM (RGB)", "ssim_grey": "SSIM (grey)", "ms_ssim": "MS-SSIM"},
    "psnr": {"psnr": "PSNR, dB"},
    "person": {
        "identity_cosine": "identity cosine",
        "landmark_error": "landmark error",
        "pose_error": "pose error, degrees",
    },
    "sharpness": {"sharpness": "sharpness"},
    "flicker": {"flicker": "flicker, levels"},
}
_DOTS = 60  # at most so many frames, or single pictures, are shown as dots


def figure(table: pd.DataFrame, name: str) -> bytes | None:
    """One of `FIGURES` as a PNG, a panel a measure; None where it has no value at all.

    A gap in a line is a frame without a value; of infinite PSNR a mark at the top says where.

    Args:
        table: One row a pair of frames, with the columns of `evaluation.measure`.
        name: Of the figure.
    """
    shown = [one for one in FIGURES[name].items() if _columns(table, one[0])]
    if not shown:
        return None
    with mpl.rc_context(fname=STYLE):
        canvas, panels = row_of_panels(len(shown), height=2.8)
        for panel, (measure, label) in zip(panels, shown, strict=True):
            for region in _columns(table, measure):
                _line(panel, table, region, measure)
            panel.set(xlabel="frame" if table["item"].nunique() == 1 else "pair", ylabel=label)
        most = max(panels, key=lambda one: len(one.get_legend_handles_labels()[0]))
        canvas.legend(*most.get_legend_handles_labels(), loc="outside upper right", ncols=4)
        return as_png(canvas)


def _columns(table: pd.DataFrame, measure: str) -> list[str]:
    """The regions that have a value of this measure."""
    keys = {region: f"{region}/{measure}" for region in REGIONS}
    return [region for region, key in keys.items() if key in table and table[key].notna().any()]


def _line(panel: Axes, table: pd.DataFrame, region: str, measure: str) -> None:
    place, values = np.arange(len(table)), table[f"{region}/{measure}"].to_numpy(np.float64)
    if table["item"].nunique() == 1:
        place = table["reference_frame"].to_numpy()
    marker = "." if len(table) <= _DOTS else ""
    finite = np.where(np.isfinite(values), values, np.nan)
    panel.plot(place, finite, color=REGIONS[region], label=region, lw=0.9, marker=marker)
    own = f"{region}/{measure}_reference"
    if own in table:
        label = f"{region}, reference"
        panel.plot(place, table[own], ":", color=REGIONS[region], label=label, lw=0.9)
    if np.isinf(values).any():
        across = panel.get_xaxis_transform()
        same, top = place[np.isinf(values)], np.ones(int(np.isinf(values).sum()))
        label = f"{region}: identical"
        panel.plot(
            same, top, "|", transform=across, color=REGIONS[region], label=label, clip_on=False
        )
