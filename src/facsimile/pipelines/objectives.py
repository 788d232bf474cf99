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
    found: dict[str, float | None] = {}
    curves, metrics = folder / "train" / "curves.csv", folder / "metrics.json"
    if curves.is_file():
        import pandas as pd

        table = pd.read_csv(curves)
        last = table.ffill().tail(1).to_dict("records")
        found = {str(key): float(value) for row in last for key, value in row.items()}
    if metrics.is_file():
        found |= json.loads(metrics.read_text(encoding="utf-8"))
    return found
