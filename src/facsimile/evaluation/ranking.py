"""Do the paper's metrics rank swaps as the transfer of identity does?"""

import math
from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from facsimile.evaluation.bootstrap import bounds
from facsimile.evaluation.summary import NO_SWAP, Metrics
from facsimile.evaluation.tables import Table

ROWS = ("still", NO_SWAP)  # of every run the same
#: What is ranked, and 1 where more is better: by the paper, and by what a swap is for.
PAPER = {"ssim": 1, "psnr": 1, "pixel_cosine": 1}
TRUTH = {
    "identity_source": 1,
    "identity_gain": 1,
    "second_identity_gain": 1,
    "background_error": -1,
    "fake_score": -1,
}
_LEAST = 4  # values below which no correlation is told


def ranked_items(runs: Mapping[str, Mapping[str, float | int | None]]) -> pd.DataFrame:
    """A row for each direction and item.

    Items are the swap of each run, under the run's name, and the two rows without a net, of the
    first run. `identity_gain` is the cosine to the source minus that to the target. Columns:
    direction, item, and those of PAPER and TRUTH.
    """
    first = next(iter(runs.values()))
    items = [(name, "swap", metrics) for name, metrics in runs.items()]
    items += [(row, row, first) for row in ROWS]
    rows = []
    for direction in _directions(first):
        for name, row, metrics in items:
            prefix = f"test/{row}/{direction}"
            rows.append({"direction": direction, "item": name, **_values(metrics, prefix)})
    return pd.DataFrame(rows)


def rank_correlations(items: pd.DataFrame, draws: int, seed: int) -> Metrics:
    """`<which>/<direction>/<paper's>/<other>/rho`: Spearman's correlation, ties averaged.

    `which`: `all` items, or the `trained` swaps, without a still and no swap. Beside it `rho_low`
    and `rho_high`, a 95 % bootstrap interval over items (percentiles; draws in which one side is
    constant are left out), and `n`. 1: both rank alike; -1: one is the other upside down. None
    where fewer than four items have both values.
    """
    rng = np.random.default_rng(seed)
    metrics: Metrics = {}
    trained = items[~items["item"].isin(ROWS)]
    for which, several in (("all", items), ("trained", trained)):
        for direction, rows in several.groupby("direction", sort=False):
            for paper, truth in product(PAPER, TRUTH):
                known = rows[[paper, truth]].dropna()
                values = known.to_numpy() * (PAPER[paper], TRUTH[truth])
                key = f"{which}/{direction}/{paper}/{truth}"
                metrics |= _correlation(key, values, draws, rng)
    return metrics


def items_table(items: pd.DataFrame) -> Table:
    """What was measured of every item."""
    measures = [*PAPER, *TRUTH]
    rows = [
        [row["direction"], row["item"], *(_number(row[measure]) for measure in measures)]
        for row in items.to_dict("records")
    ]
    return Table("Swaps, and what a swap is measured by", ["direction", "item", *measures], rows,
                 names=2)  # fmt: skip


def correlations_table(metrics: Metrics) -> Table:
    """A row for each direction and metric of the paper, a column for each other measure."""
    ending = "/rho"
    prefixes = dict.fromkeys(key.rsplit("/", 2)[0] for key in metrics if key.endswith(ending))
    rows = [
        [*prefix.split("/"), *(_with_interval(metrics, f"{prefix}/{truth}") for truth in TRUTH)]
        for prefix in prefixes
    ]
    note = (
        "Spearman's rank correlation, better always counted as higher (less background error, a "
        "lower score of being fake); in brackets a 95 % bootstrap interval over the items."
    )
    columns = ["items", "direction", "metric", *TRUTH]
    return Table("Do the paper's metrics rank swaps alike?", columns, rows, note, names=3)


def _directions(metrics: Mapping[str, float | int | None]) -> list[str]:
    found = (key.split("/") for key in metrics if key.startswith("test/swap/"))
    return sorted({parts[2] for parts in found if len(parts) == 4})


def _values(metrics: Mapping[str, float | int | None], prefix: str) -> dict[str, float]:
    def value(name: str) -> float:
        found = metrics.get(f"{prefix}/{name}")
        if found is None:  # a PSNR is infinite where nothing was changed at all
            return math.inf if metrics.get(f"{prefix}/{name}_infinite") else math.nan
        return float(found)

    gains = {
        f"{name}_gain": value(f"{name}_source") - value(f"{name}_target")
        for name in ("identity", "second_identity")
    }
    return {name: gains[name] if name in gains else value(name) for name in (*PAPER, *TRUTH)}


def _correlation(key: str, values: np.ndarray, draws: int, rng: np.random.Generator) -> Metrics:
    n = len(values)
    rho = _spearman(values) if n >= _LEAST else math.nan
    drawn = [_spearman(values[rng.integers(n, size=n)]) for _ in range(draws if n >= _LEAST else 0)]
    known = [one for one in drawn if math.isfinite(one)]
    low, high = bounds(known)
    told = {"rho": rho, "rho_low": low, "rho_high": high}
    return {f"{key}/{name}": one if math.isfinite(one) else None for name, one in told.items()} | {
        f"{key}/n": n
    }


def _spearman(values: np.ndarray) -> float:
    if any(len(set(column)) < 2 for column in values.T):
        return math.nan
    return float(spearmanr(values[:, 0], values[:, 1]).statistic)


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4g}"


def _with_interval(metrics: Metrics, key: str) -> str:
    rho, low, high = (metrics.get(f"{key}/{name}") for name in ("rho", "rho_low", "rho_high"))
    if rho is None or low is None or high is None:
        return "-"
    return f"{rho:+.2f} [{low:+.2f}, {high:+.2f}] ({metrics[f'{key}/n']})"
