"""The report's plots, as PNG files in memory; the same numbers give the same bytes."""

import io
from collections.abc import Mapping, Sequence
from itertools import chain, cycle
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

STYLE = Path(__file__).with_name("report.mplstyle")
COLOURS = {"swap": "#c2410c", "still": "#2563eb", "no_swap": "#64748b"}
LABELS = {"swap": "swap", "still": "pasted still", "no_swap": "no swap"}
# What paper 1 reports for its own video: a line or a band to compare with.
PAPER = {"pixel_cosine": (0.994, 0.994), "ssim": (0.962, 0.962), "psnr": (25.0, 27.0)}
AXES = {"pixel_cosine": "pixel cosine similarity", "ssim": "SSIM", "psnr": "PSNR, dB"}
RESTORERS = {
    "no_op": ("no-op", "#94a3b8"),
    "best_filter": ("best single filter", "#0f766e"),
    "blind_chain": ("blind chain", "#2563eb"),
    "net": ("net", "#c2410c"),
}
WIDTHS = {"best_filter": 3.0}  # of lines; to be seen beneath the blind chain, often the same
STRENGTHS = {
    "blur": "sigma, pixels",
    "salt_and_pepper": "share of the pixels",
    "shadow": "light left in the shadow",
}
COSTLESS = ("/no_op", "/constant_red")  # endings of a curve's name
_PALETTE = ("#c2410c", "#2563eb", "#0f766e", "#7c3aed", "#94a3b8", "#ca8a04")


def per_frame(curves: Mapping[str, pd.DataFrame], measure: str) -> bytes:
    """One measure against the frame, a panel a direction: the form of paper 1's figures 7 to 9.

    Args:
        curves: By direction: `frame`, and a column for each of swap, still, no_swap.
        measure: pixel_cosine, ssim or psnr.
    """
    with mpl.rc_context(fname=STYLE):
        figure, panels = row_of_panels(len(curves), height=2.6)
        for panel, (direction, table) in zip(panels, curves.items(), strict=True):
            for row in ("no_swap", "still", "swap"):
                _line(panel, table, row)
            low, high = PAPER[measure]
            panel.axhspan(low, high, color="#facc15", alpha=0.5, lw=1.2, label="paper 1's mean")
            panel.set(title=direction, xlabel="frame", ylabel=AXES[measure])
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=4)
        return as_png(figure)


def _line(panel: Axes, table: pd.DataFrame, row: str) -> None:
    values = table[row]
    if values.notna().any():
        panel.plot(table["frame"], values, color=COLOURS[row], label=LABELS[row])
    else:
        panel.plot([], [], color=COLOURS[row], label=f"{LABELS[row]}: infinite")


def identity_per_frame(
    to_source: Mapping[str, pd.DataFrame], to_target: Mapping[str, pd.DataFrame]
) -> bytes:
    """Identity cosine against the frame: solid to the source, dashed to the target."""
    with mpl.rc_context(fname=STYLE):
        figure, panels = row_of_panels(len(to_source), height=2.8)
        for panel, direction in zip(panels, to_source, strict=True):
            for row, colour in COLOURS.items():
                for style, tables in (("-", to_source), ("--", to_target)):
                    table = tables[direction]
                    aim = "source" if style == "-" else "target"
                    label = f"{LABELS[row]} to {aim}"
                    panel.plot(table["frame"], table[row], style, color=colour, lw=0.9, label=label)
            panel.set(title=direction, xlabel="frame", ylabel="identity cosine")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
        return as_png(figure)


def opening_per_frame(curves: Mapping[str, pd.DataFrame], ylabel: str) -> bytes:
    """How far mouth or eyes open in every frame, the swap over the target, a panel a direction.

    Args:
        curves: By direction: `frame`, and the columns swap and no_swap.
        ylabel: What opens, and its unit.
    """
    with mpl.rc_context(fname=STYLE):
        figure, panels = row_of_panels(len(curves), height=2.6)
        for panel, (direction, table) in zip(panels, curves.items(), strict=True):
            for row, label in (("no_swap", "target"), ("swap", "swap")):
                panel.plot(table["frame"], table[row], color=COLOURS[row], lw=0.9, label=label)
            panel.set(title=direction, xlabel="frame", ylabel=ylabel)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
        return as_png(figure)


def two_axes(points: Sequence[tuple[str, str, float, float]]) -> bytes:
    """What arrived against what was kept: identity to the source over whole-frame SSIM.

    Args:
        points: Direction, row (swap, still, no_swap), SSIM, identity cosine.
    """
    markers = dict(zip(dict.fromkeys(point[0] for point in points), "osD^v", strict=False))
    with mpl.rc_context(fname=STYLE):
        figure, (panel,) = row_of_panels(1, height=3.2)
        for direction, row, kept, arrived in points:
            label = f"{LABELS[row]}, {direction}"
            panel.scatter(
                kept, arrived, s=55, color=COLOURS[row], marker=markers[direction], label=label
            )
        panel.set(xlabel="target's frame kept: SSIM", ylabel="source's identity arrived: cosine")
        figure.legend(loc="outside right center")
        return as_png(figure)


def training(curves: pd.DataFrame) -> bytes:
    """Loss and figures of merit against the step, from the columns that the training logged.

    Where the table counts epochs, against these: the form of paper 2's figures 7 and 8. A row has
    one colour in all panels; what costs nothing, such as not to restore, is dashed.
    """
    time = "epoch" if "epoch" in curves else "step"
    names = [str(column) for column in curves]
    endings = ("loss", "keras_accuracy", "psnr", "ssim", "auc")
    rows = {e: [n.removesuffix(f"/{e}") for n in names if n.endswith(f"/{e}")] for e in endings}
    shown = {ending: found for ending, found in rows.items() if found}
    colours = dict(zip(dict.fromkeys(chain(*shown.values())), cycle(_PALETTE), strict=False))
    with mpl.rc_context(fname=STYLE):
        figure, panels = row_of_panels(len(shown), height=2.4)
        for panel, (name, found) in zip(panels, shown.items(), strict=True):
            for row in found:
                known = curves[[time, f"{row}/{name}"]].dropna()
                style = "--" if row.endswith(COSTLESS) else "-"
                panel.plot(*known.to_numpy().T, style, color=colours[row], label=row)
            panel.set(title=name, xlabel=time)
            # a log-likelihood falls below zero, where a logarithmic axis shows nothing
            if name == "loss" and (curves[[f"{row}/loss" for row in found]].min() > 0).all():
                panel.set_yscale("log")
            panel.legend()
        return as_png(figure)


def bars(table: pd.DataFrame, ylabel: str) -> bytes:
    """A group of bars for each degradation, a bar for each method (the other columns)."""
    methods = [column for column in table.columns if column != "degradation"]
    width = 0.8 / len(methods)
    with mpl.rc_context(fname=STYLE):
        figure, (panel,) = row_of_panels(1, height=3.0)
        for place, method in enumerate(methods):
            lefts = [group + place * width for group in range(len(table))]
            label, colour = RESTORERS[method]
            panel.bar(lefts, table[method], width, color=colour, label=label)
        middles = [group + 0.4 - width / 2 for group in range(len(table))]
        panel.set_xticks(middles, [name.replace("_", " ") for name in table["degradation"]])
        panel.set_ylabel(ylabel)
        panel.grid(axis="x", visible=False)
        figure.legend(loc="outside upper right", ncols=len(methods))
        return as_png(figure)


def strengths(curves: Mapping[str, pd.DataFrame], ylabel: str) -> bytes:
    """Quality against the strength of a degradation, a panel for each.

    Args:
        curves: By degradation: `strength`, and a column for each method.
        ylabel: What is measured.
    """
    with mpl.rc_context(fname=STYLE):
        figure, panels = row_of_panels(len(curves), height=2.9)
        for panel, (name, table) in zip(panels, curves.items(), strict=True):
            for method in table.columns.drop("strength"):
                label, colour = RESTORERS[method]
                width = WIDTHS.get(method, 1.1)
                points = table["strength"], table[method]
                panel.plot(*points, marker="o", ms=3, lw=width, color=colour, label=label)
            panel.set(
                title=name.replace("_", " "),
                xlabel=STRENGTHS.get(name.partition("_x")[0], "strength"),
            )
        panels[0].set_ylabel(ylabel)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=4)
        return as_png(figure)


def row_of_panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    """A figure with panels side by side, as high as given, in inches."""
    figure = Figure(figsize=(9, height), layout="constrained")
    return figure, list(figure.subplots(1, count, squeeze=False)[0])


def as_png(figure: Figure) -> bytes:
    """The figure as a PNG file in memory."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    return buffer.getvalue()
