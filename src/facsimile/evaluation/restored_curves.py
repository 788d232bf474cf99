"""Restoration laid out in columns: the net and what it has to beat, for plots and for people."""

from typing import Any

import pandas as pd

from facsimile.evaluation.enhancement import BLIND_CHAIN, NET, NO_OP
from facsimile.evaluation.restored import BEST_FILTER, best_filter, with_best

METHODS = (NO_OP, BEST_FILTER, BLIND_CHAIN, NET)  # DVC draws the last column unless told


def method_bars(per_image: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Mean PSNR and SSIM of every fixed set, as `psnr_methods` and `ssim_methods`.

    One row a degradation and one column each for no-op, the best single filter of that
    degradation, the blind chain and the net; infinite values are left out of the means.
    """
    means = _means(per_image[per_image["strength"].isna()], "degradation")
    return {f"{measure}_methods": _columns(means, measure) for measure in ("psnr", "ssim")}


def strength_curves(per_image: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Mean PSNR and SSIM against the strength, as `psnr_by_<series>` and `ssim_by_<series>`.

    Columns as in `method_bars`; the best single filter is that of each strength.
    """
    series = per_image[per_image["strength"].notna()]
    return {
        f"{measure}_by_{name}": _columns(means, measure)
        for name, rows in series.groupby("degradation", sort=False)
        for means in [_means(rows, "strength")]
        for measure in ("psnr", "ssim")
    }


def by_strength(per_image: pd.DataFrame) -> pd.DataFrame:
    """Mean PSNR and SSIM of each strength of each series, a row each.

    Columns: degradation, strength, pictures; best_filter, the name of the best single filter of
    that strength; and for each of `METHODS` that was measured `<method>_psnr` and `<method>_ssim`.
    """
    series = per_image[per_image["strength"].notna()]
    groups = series.groupby(["degradation", "strength"])
    return pd.DataFrame([_of_strength(rows) for _, rows in groups])


def _of_strength(rows: pd.DataFrame) -> dict[str, Any]:
    degradation, strength = rows[["degradation", "strength"]].iloc[0]
    means = _means(rows, "strength").loc[strength]
    return {
        "degradation": degradation,
        "strength": strength,
        "pictures": rows["path"].nunique(),
        BEST_FILTER: best_filter(rows) or "",
        **{
            f"{method}_{measure}": means.loc[method, measure]
            for method in METHODS
            if method in means.index
            for measure in ("psnr", "ssim")
        },
    }


def _means(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    parts = (with_best(part, best_filter(part)) for _, part in rows.groupby(by, sort=False))
    shown = pd.concat(parts)
    finite = shown.assign(psnr=shown["psnr"].where(shown["psnr"] != float("inf")))
    return finite.groupby([by, "method"], sort=False)[["psnr", "ssim"]].mean()


def _columns(means: pd.DataFrame, measure: str) -> pd.DataFrame:
    wide = means[measure].unstack("method")
    shown = [method for method in METHODS if method in wide]
    return wide[shown].rename_axis(columns=None).reset_index()
