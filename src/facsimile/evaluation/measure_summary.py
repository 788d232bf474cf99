"""From frames measured one by one to the figures of measure.json."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facsimile.evaluation.measure import MEASURES, PERSON, REGIONS
from facsimile.evaluation.summary import Metrics
from facsimile.metrics.ms_ssim import LEAST
from facsimile.metrics.ssim import WINDOW

STATISTICS = ("mean", "median", "p5", "p95")
RATIOS = ("sharpness", "flicker")
NO_ROOM = "the faces leave no room for a window"
_DIGITS = 9


def summarise(table: pd.DataFrame) -> Metrics:
    """`<region>/<measure>/<statistic>` of every measure, over all frames of the table.

    The statistics are mean, median, p5 and p95 (percentiles, linear between values), of the finite
    values, None where there is none; `n` is how many these are, `missing` how many frames have no
    value, and of PSNR `infinite` how many frames are identical. `<region>/sharpness_ratio` and
    `<region>/flicker_ratio` are the distorted one's mean by the reference's.
    """
    metrics: Metrics = {"frames": len(table)}
    for key in MEASURES:
        metrics |= _statistics(key, table[key].to_numpy(np.float64))
    for region in REGIONS:
        for name in RATIOS:
            key = f"{region}/{name}"
            own, its = metrics[f"{key}/mean"], metrics[f"{key}_reference/mean"]
            metrics[f"{key}_ratio"] = own / its if own is not None and its else None
    return metrics


def _statistics(key: str, values: np.ndarray) -> Metrics:
    finite = values[np.isfinite(values)]
    found: Metrics = dict.fromkeys((f"{key}/{name}" for name in STATISTICS), None)
    if len(finite):
        figures = (finite.mean(), *np.percentile(finite, (50, 5, 95)))
        found = dict(zip(found, map(float, figures), strict=True))
    found |= {f"{key}/n": len(finite), f"{key}/missing": int(np.isnan(values).sum())}
    if key.endswith("/psnr"):
        found[f"{key}/infinite"] = int(np.isinf(values).sum())
    return found


def reasons(table: pd.DataFrame, identity_every: int) -> dict[str, dict[str, int]]:
    """Why frames have no value: by measure, the reasons and how many frames each is of."""
    told = {}
    for key in MEASURES:
        without = table.loc[table[key].isna(), ["missing", "unmatched"]]
        if len(without):
            names = [
                _reason(key, missing, unmatched, identity_every)
                for missing, unmatched in without.to_numpy().tolist()
            ]
            told[key] = {name: names.count(name) for name in sorted(set(names))}
    return told


def _reason(key: str, missing: str, unmatched: str, identity_every: int) -> str:
    region, _, name = key.partition("/")
    if region == "face" and name in PERSON:
        looked = f"the embedder looks at every {identity_every}th frame: measure.identity_every"
        return unmatched or looked
    if region != "frame" and missing:
        return missing
    if name.startswith("flicker"):
        return "there is no frame before or after it"
    if name == "ms_ssim":
        return f"{_smaller(region, LEAST)}: its five scales do not fit"
    return _smaller(region, WINDOW)


def _smaller(region: str, side: int) -> str:
    if region == "background":
        return f"{NO_ROOM}, or the frame is smaller than {side}x{side} pixels"
    return f"the {region} is smaller than {side}x{side} pixels"


def rounded(value: Any) -> Any:
    """Numbers to nine digits, and null for what is none, all the way down.

    >>> rounded({"a": [math.pi, math.inf, 3]})
    {'a': [3.14159265, None, 3]}
    """
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    return value
