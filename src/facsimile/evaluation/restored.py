"""From pictures measured one by one to what a restoration net is worth."""

import numpy as np
import pandas as pd

from facsimile.evaluation.blind_chain import CEILING
from facsimile.evaluation.enhancement import BLIND_CHAIN, CONSTANT_RED, NET, NO_OP
from facsimile.evaluation.restored_identity import IDENTITY
from facsimile.evaluation.summary import Metrics, means

MEASURES = ("psnr", "ssim", "pixel_cosine", "within_0.1")
BEST_FILTER = "best_filter"
NO_FILTERS = (NET, NO_OP, BLIND_CHAIN, CONSTANT_RED)


def summarise(per_image: pd.DataFrame) -> Metrics:
    """Means over the fixed sets, as flat keys.

    `test/<set>/psnr` is the net's and `test/<set>/<method>/psnr` another method's, beside `n`, the
    pictures measured, and `keras_accuracy`, pooled over pixels; `test/<set>/<method>/best_filter`
    is 1 for the best single filter. Colour and grey pictures apart are `test/<set>/<tone>/…` for
    the net, no-op, blind chain and best filter, under the name `best_filter`, and constant red.
    A mean PSNR leaves identical images out and says how many they were. Where an embedder looked,
    `identity_cosine` is the mean of the `identity_n` pictures that it looked at.
    """
    metrics: Metrics = {}
    fixed = per_image[per_image["strength"].isna()]
    for degradation, rows in fixed.groupby("degradation", sort=False):
        prefix = f"test/{degradation}"
        metrics |= _by_method(rows, prefix)
        best = best_filter(rows)
        if best is not None:
            metrics[f"{prefix}/{best}/{BEST_FILTER}"] = 1
        named = with_best(rows, best)
        for tone, those in named[named["method"].isin([*NO_FILTERS, BEST_FILTER])].groupby("tone"):
            metrics |= _by_method(those, f"{prefix}/{tone}")
    return metrics


def best_filter(rows: pd.DataFrame) -> str | None:
    """The single filter of the highest mean PSNR, capped at 60 dB; None where there is none.

    One that was run on some pictures only is compared with the best of the others on these.

    Args:
        rows: Of one set or strength, with the columns method, path and psnr.
    """
    values = rows[~rows["method"].isin(NO_FILTERS)].pivot(
        index="path", columns="method", values="psnr"
    )
    values = values.clip(upper=CEILING)
    whole = values.dropna(axis=1)
    if whole.empty:
        return None
    best = whole.mean().idxmax()
    for name in values.columns.difference(whole.columns):
        shared = values[[best, name]].dropna()
        if shared[name].mean() > shared[best].mean():
            best = name
    return str(best)


def with_best(rows: pd.DataFrame, best: str | None) -> pd.DataFrame:
    """The rows, and those of the best filter once more under the name `best_filter`."""
    return pd.concat([rows, rows[rows["method"] == best].assign(method=BEST_FILTER)])


def _by_method(rows: pd.DataFrame, prefix: str) -> Metrics:
    metrics: Metrics = {}
    for method, those in rows.groupby("method", sort=False):
        place = prefix if method == NET else f"{prefix}/{method}"
        metrics |= means(those, MEASURES, place)
        matched, pixels = those["matches"].sum(), those["pixels"].sum()
        metrics[f"{place}/keras_accuracy"] = float(np.divide(matched, pixels))
        metrics[f"{place}/n"] = len(those)
        if IDENTITY in those:
            metrics |= means(those, [IDENTITY], place)
            metrics[f"{place}/identity_n"] = int(those[IDENTITY].notna().sum())
    return metrics
