"""From tables of single values to the flat metrics of metrics.json."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from facsimile.media.files import atomic_path

Metrics = dict[str, float | int | None]

NO_SWAP = "no_swap"  # the row of the untouched frames

_DIGITS = 6
_COUNTS = ("undetected", "infinite", "frames")


def means(table: pd.DataFrame, measures: Iterable[str], prefix: str) -> Metrics:
    """The mean of each measure as `<prefix>/<measure>`.

    Values that are missing or infinite are left out; None where none is left. How many were
    infinite is told beside every PSNR, as `<prefix>/psnr_infinite`, and how many faces were not
    found as `<prefix>/undetected`, where the table says so.
    """
    metrics: Metrics = {}
    for measure in measures:
        values = table[measure]
        finite = values[values.map(math.isfinite)]
        metrics[f"{prefix}/{measure}"] = None if finite.empty else float(finite.mean())
        if measure.endswith("psnr"):
            metrics[f"{prefix}/{measure}_infinite"] = int(values.map(math.isinf).sum())
    if "detected" in table:
        metrics[f"{prefix}/undetected"] = int((~table["detected"]).sum())
    return metrics


def over_directions(metrics: Metrics, row: str, directions: Iterable[str]) -> Metrics:
    """`<row>/<measure>` out of `<row>/<direction>/<measure>`: means of means, sums of counts.

    >>> over_directions({"test/swap/a/ssim": 0.5, "test/swap/b/ssim": 1.0}, "test/swap", "ab")
    {'test/swap/ssim': 0.75}
    """
    prefixes = [f"{row}/{direction}/" for direction in directions]
    names = [key.removeprefix(prefixes[0]) for key in metrics if key.startswith(prefixes[0])]
    return {f"{row}/{name}": _joined([metrics[p + name] for p in prefixes], name) for name in names}


def _joined(values: list[float | int | None], name: str) -> float | int | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return sum(known) if name.endswith(_COUNTS) else sum(known) / len(known)


def write_metrics(path: Path, metrics: Mapping[str, float | int | None]) -> None:
    """Write metrics as JSON: flat, sorted, six significant digits, null for what is no number."""
    values = {key: _rounded(metrics[key]) for key in sorted(metrics)}
    with atomic_path(path) as partial:
        partial.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def _rounded(value: float | int | None) -> float | int | None:
    """Six significant digits are what two machines may agree on.

    >>> _rounded(0.123456789), _rounded(765), _rounded(math.inf)
    (0.123457, 765, None)
    """
    if value is None or not math.isfinite(value):
        return None
    return value if isinstance(value, int) else float(f"{value:.{_DIGITS}g}")
