"""What the trials of a sweep are compared by."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError

if TYPE_CHECKING:
    from omegaconf import DictConfig

MAXIMIZE, MINIMIZE = "maximize", "minimize"


@dataclass(frozen=True)
class Objective:
    """A metric, and whether more or less of it is better."""

    metric: str
    direction: str = MAXIMIZE

    def of(self, folder: Path) -> float | None:
        """Its value in a training's folder; None where it is no number.

        Metrics of the evaluation, else of the curves: what they end with.

        Raises:
            UserError: it was not measured; names those that are like it.
        """
        known = measured(folder)
        if self.metric not in known:
            close = get_close_matches(self.metric, known, n=5, cutoff=0.4)
            raise UserError(
                f"sweep.objective: {folder} has no metric {self.metric}; it has "
                f"{', '.join(close or sorted(known)[:5]) or 'none at all'}"
            )
        value = known[self.metric]
        return value if value is not None and math.isfinite(value) else None


def objectives(cfg: DictConfig) -> list[Objective]:
    """Those of `sweep.objective`; else what logger.mlflow.best says of the task, if it does.

    Raises:
        UserError: there is another number of directions, or another word.
    """
    best = cfg.logger.mlflow.best
    metrics, directions = cfg.sweep.objective, cfg.sweep.directions
    if metrics is None:
        usual = best.metric.get(cfg.task.name) if cfg.get("task") is not None else None
        return [Objective(usual, MAXIMIZE if best.higher else MINIMIZE)] if usual else []
    metrics = [metrics] if isinstance(metrics, str) else list(metrics)
    directions = [directions] if isinstance(directions, str) else list(directions or [])
    directions = directions or [MAXIMIZE] * len(metrics)
    if len(directions) != len(metrics) or not {*directions} <= {MAXIMIZE, MINIMIZE}:
        raise UserError(
            f"sweep.directions={directions}: give {MAXIMIZE} or {MINIMIZE} for each of "
            f"sweep.objective={metrics}"
        )
    return [Objective(*pair) for pair in zip(metrics, directions, strict=True)]


def measured(folder: Path) -> dict[str, float | None]:
    """All metrics of a training: those of its evaluation, and the last of each curve."""
    curves, metrics = folder / "train" / "curves.csv", folder / "metrics.json"
    found: dict[str, float | None] = {}
    if curves.is_file():
        found |= _ends(curves)
    if metrics.is_file():
        found |= json.loads(metrics.read_text(encoding="utf-8"))
    return found


def _ends(curves: Path) -> dict[str, float]:
    """What each curve ends with: NaN where it was no number when the others of its kind were."""
    import pandas as pd

    table = pd.read_csv(curves)
    kinds = {str(name).partition("/")[0] for name in table.columns}
    parts = [[n for n in table.columns if str(n).partition("/")[0] == kind] for kind in kinds]
    # measured together: an earlier value would hide that a training broke down
    last = [table[part].dropna(how="all").tail(1).to_dict("records") for part in parts]
    return {str(key): float(value) for rows in last for row in rows for key, value in row.items()}
