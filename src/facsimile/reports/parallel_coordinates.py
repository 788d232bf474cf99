"""The trials of a search as lines across their settings and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from facsimile.reports.plots import STYLE, as_png

_UNFINISHED = {"pruned": "#94a3b8", "failed": "#dc2626", "running": "#cbd5e1"}
_MAP = "viridis"
_FEW = 5  # values that an axis shows all of
_FAR = 20.0  # times that positive numbers span from when on they are drawn by their logarithm


def parallel_coordinates(
    table: pd.DataFrame,
    settings: Sequence[str],
    metrics: Sequence[str],
    higher: Sequence[bool],
    done: pd.Series,
) -> bytes:
    """A line a trial over an axis for each setting and metric; the best metric is the brightest.

    Trials without an end break off behind the settings, in the colour of their state.

    Args:
        table: A row a trial, with `state` and a column for each setting and metric.
        settings: Columns of numbers or words.
        metrics: Columns of numbers; the first one colours the lines.
        higher: Of each metric, whether more is better: its axis points up to the better.
        done: Which rows have an end.

    Returns:
        A PNG file.
    """
    with mpl.rc_context(fname=STYLE):
        names = [*settings, *metrics]
        figure = Figure(figsize=(max(5, 1.7 * len(names) + 1.6), 4.2), layout="constrained")
        axes = figure.subplots()
        flipped = [False] * len(settings) + [not up for up in higher]
        places = [
            _axis(axes, place, table[name], flip)
            for place, (name, flip) in enumerate(zip(names, flipped, strict=True))
        ]
        _frame(axes, names)
        values = table[metrics[0]].astype(float) if len(metrics) else done.astype(float)
        _lines(figure, axes, np.array(places).reshape(len(names), len(table)), values, done)
        _unfinished(axes, np.array(places).reshape(len(names), -1)[: len(settings)], table, done)
        return as_png(figure)


def _axis(axes: Axes, place: int, column: pd.Series, flipped: bool) -> np.ndarray:
    """Draw an axis; returns where on it, 0 to 1, each row lies, NaN where it has no value."""
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().sum() > column.isna().sum() or numbers.isna().all():
        words = sorted(map(str, column.dropna().unique()))
        heights = {word: _share(order, len(words)) for order, word in enumerate(words)}
        _ticks(axes, place, [(height, word) for word, height in heights.items()])
        return np.array([heights.get(str(one), np.nan) for one in column])
    log = bool(numbers.min() > 0 and numbers.max() / numbers.min() > _FAR)
    scaled = np.log10(numbers) if log else numbers
    low, high = float(scaled.min()), float(scaled.max())
    span = (high - low) or 1.0
    each = sorted(scaled.dropna().unique())
    marks = each if len(each) <= _FEW else [low, (low + high) / 2, high]

    def height(value: Any) -> Any:
        share = (value - low) / span if high > low else value * 0 + 0.5
        return 1 - share if flipped else share

    texts = [f"{10**mark if log else mark:.4g}" for mark in marks]
    _ticks(axes, place, list(zip(map(height, marks), texts, strict=True)))
    return np.asarray(height(scaled.to_numpy(float)))


def _share(order: int, count: int) -> float:
    return order / (count - 1) if count > 1 else 0.5


def _ticks(axes: Axes, place: int, marks: Sequence[tuple[float, str]]) -> None:
    axes.axvline(place, color="#64748b", lw=0.8, zorder=1)
    for height, text in marks:
        axes.annotate(
            text, (place, height), (-4, 0), textcoords="offset points", ha="right", va="center",
            fontsize=7, color="#334155", zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.75},
        )  # fmt: skip


def _frame(axes: Axes, names: Sequence[str]) -> None:
    labels = [_wrapped(name) for name in names]
    axes.set_xticks(range(len(names)), labels, fontsize=7.5)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set(xlim=(-0.5, len(names) - 0.6), ylim=(-0.05, 1.05))


def _wrapped(name: str) -> str:
    """A key on lines short enough to stand beside each other."""
    lines = [""]
    for part in name.replace(".", ".\n").replace("/", "/\n").splitlines():
        if len(lines[-1]) + len(part) > 18:
            lines.append("")
        lines[-1] += part
    return "\n".join(line for line in lines if line)


def _lines(
    figure: Figure, axes: Axes, places: np.ndarray, values: pd.Series, done: pd.Series
) -> None:
    rows = [row for row in range(len(values)) if done.iloc[row] and np.isfinite(values.iloc[row])]
    if not rows:
        return
    lines = LineCollection(
        [np.column_stack([np.arange(len(places)), places[:, row]]) for row in rows],
        cmap=_MAP, norm=Normalize(values.iloc[rows].min(), values.iloc[rows].max()),
        lw=1.6, alpha=0.9, zorder=3,
    )  # fmt: skip
    lines.set_array(values.iloc[rows].to_numpy(float))
    axes.add_collection(lines)
    figure.colorbar(lines, ax=axes, label=str(values.name), fraction=0.04, pad=0.02)


def _unfinished(axes: Axes, places: np.ndarray, table: pd.DataFrame, done: pd.Series) -> None:
    told = set()
    for row, state in enumerate(table["state"]):
        if done.iloc[row]:
            continue
        x = np.append(np.arange(len(places)), len(places) - 0.6)
        y = np.append(places[:, row], places[-1:, row])
        label = None if state in told else state
        axes.plot(x, y, color=_UNFINISHED[state], lw=1.1, ls="--", zorder=2, label=label)
        axes.plot(x[-1:], y[-1:], "x", color=_UNFINISHED[state], ms=5, zorder=2)
        told.add(state)
    if told:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.1), ncols=len(told))
