"""Restoration laid out for plots: a line or a bar for the net and for what it has to beat."""

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


def _means(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    parts = (with_best(part, best_filter(part)) for _, part in rows.groupby(by, sort=False))
    shown = pd.concat(parts)
    finite = shown.assign(psnr=shown["psnr"].where(shown["psnr"] != float("inf")))
    return finite.groupby([by, "method"], sort=False)[["psnr", "ssim"]].mean()


def _columns(means: pd.DataFrame, measure: str) -> pd.DataFrame:
    wide = means[measure].unstack("method")
    shown = [method for method in METHODS if method in wide]
    return wide[shown].rename_axis(columns=None).reset_index()
