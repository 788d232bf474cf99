"""Plots of a detector's scores, as PNG files in memory."""

from collections.abc import Mapping

import matplotlib as mpl
import pandas as pd

from facsimile.reports.plots import STYLE, as_png, row_of_panels

_FRAME, _VIDEO, _CHANCE = "#2563eb", "#c2410c", "#94a3b8"
_SIDE = 3.2  # of a square panel, inches


def roc(curves: Mapping[str, Mapping[str, pd.DataFrame]]) -> bytes:
    """True over false positive rate, a panel a data set.

    Args:
        curves: By data set and level (frame, video): `fpr` and `tpr`.
    """
    with mpl.rc_context(fname=STYLE):
        figure, panels = row_of_panels(len(curves), height=_SIDE)
        for panel, (data, levels) in zip(panels, curves.items(), strict=True):
            panel.plot([0, 1], [0, 1], "--", color=_CHANCE, label="guessing")
            for level, colour in (("frame", _FRAME), ("video", _VIDEO)):
                if level in levels:
                    table = levels[level]
                    panel.plot(table["fpr"], table["tpr"], color=colour, label=f"by {level}")
            panel.set(title=data, xlabel="false positive rate", ylabel="true positive rate")
            panel.set_aspect("equal")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
        return as_png(figure)


def reliability(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Share of fakes over mean score, a panel a data set; points are as large as they hold faces.

    Args:
        tables: By data set: `mean_score`, `share_fake` and `faces`.
    """
    with mpl.rc_context(fname=STYLE):
        figure, panels = row_of_panels(len(tables), height=_SIDE)
        for panel, (data, table) in zip(panels, tables.items(), strict=True):
            panel.plot([0, 1], [0, 1], "--", color=_CHANCE, label="calibrated")
            sizes = 15 + 200 * table["faces"] / table["faces"].sum()
            panel.plot(table["mean_score"], table["share_fake"], color=_FRAME, lw=0.9)
            panel.scatter(
                table["mean_score"], table["share_fake"], s=sizes, color=_FRAME, label="by frame"
            )
            panel.set(title=data, xlabel="mean score", ylabel="share of fakes")
            panel.set_aspect("equal")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
        return as_png(figure)


def over_time(times: list[float], scores: list[float], mean: float) -> bytes:
    """A video's scores over its seconds, and their mean."""
    with mpl.rc_context(fname=STYLE):
        figure, (panel,) = row_of_panels(1, height=2.4)
        panel.plot(times, scores, marker="o", ms=3, color=_FRAME, label="frame")
        panel.axhline(mean, ls="--", color=_VIDEO, label=f"video: {mean:.3f}")
        panel.set(xlabel="seconds", ylabel="score of being fake", ylim=(-0.02, 1.02))
        figure.legend(*panel.get_legend_handles_labels(), loc="outside right center")
        return as_png(figure)
