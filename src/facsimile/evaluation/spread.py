"""Metrics of several runs of one setting: their mean, and how far they spread."""

import statistics
from collections.abc import Mapping, Sequence

from facsimile.evaluation.summary import Metrics
from facsimile.evaluation.tables import Table


def spread(runs: Mapping[str, Sequence[Metrics]]) -> Metrics:
    """`<setting>/<metric>/mean`, `/std` (of the sample) and `/n`, the runs that have a value.

    None: the mean of no value, the spread of one.

    >>> spread({"k=0": [{"ssim": 0.5}, {"ssim": 0.75}, {"ssim": None}]})["k=0/ssim/mean"]
    0.625
    """
    metrics: Metrics = {}
    for setting, several in runs.items():
        for name in sorted({name for one in several for name in one}):
            known = [value for one in several if (value := one.get(name)) is not None]
            metrics |= {
                f"{setting}/{name}/mean": statistics.fmean(known) if known else None,
                f"{setting}/{name}/std": statistics.stdev(known) if len(known) > 1 else None,
                f"{setting}/{name}/n": len(known),
            }
    return metrics


def spread_table(title: str, metrics: Metrics, settings: Sequence[str]) -> Table:
    """A row a metric and a column a setting, as mean ± standard deviation (n)."""
    names = sorted(
        {
            key.removeprefix(f"{one}/").removesuffix("/mean")
            for one in settings
            for key in metrics
            if key.startswith(f"{one}/") and key.endswith("/mean")
        }
    )
    rows = [[name, *(_cell(metrics, f"{one}/{name}") for one in settings)] for name in names]
    note = "Mean ± standard deviation (number of runs)."
    return Table(title, ["metric", *settings], rows, note)


def _cell(metrics: Metrics, prefix: str) -> str:
    mean, std = metrics.get(f"{prefix}/mean"), metrics.get(f"{prefix}/std")
    if mean is None:
        return "-"
    deviation = "" if std is None else f" ± {std:.2g}"
    return f"{mean:.4g}{deviation} ({metrics[f'{prefix}/n']})"
