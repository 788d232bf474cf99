"""What the report shows of a detector."""

from pathlib import Path

import pandas as pd

from facsimile.reports import detection_plots
from facsimile.reports.page import Picture

_EACH = 3  # panels side by side


def detection_pictures(folder: Path) -> list[Picture]:
    """ROC curves and reliability of every data set, from a recipe's plots."""
    rocs: dict[str, dict[str, pd.DataFrame]] = {}
    for path in sorted(folder.glob("roc_*.csv")):
        data, _, level = path.stem.removeprefix("roc_").rpartition("_")
        rocs.setdefault(data, {})[level] = pd.read_csv(path)
    names = {path.stem.removeprefix("reliability_"): path for path in folder.glob("reliab*.csv")}
    told = {data: pd.read_csv(names[data]) for data in sorted(names)}
    curves = [
        Picture(detection_plots.roc({data: rocs[data] for data in some}), "ROC curves")
        for some in _portions(list(rocs))
    ]
    caption = "Reliability: the share of fakes among faces of one tenth of the scores"
    return curves + [
        Picture(detection_plots.reliability({data: told[data] for data in some}), caption)
        for some in _portions(list(told))
    ]


def _portions(names: list[str]) -> list[list[str]]:
    return [names[first : first + _EACH] for first in range(0, len(names), _EACH)]
