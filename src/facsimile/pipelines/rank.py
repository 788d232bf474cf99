"""Rank swaps by the paper's metrics and by the transfer of identity: do they agree?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.pipelines.study import read_runs, require, write_tables

if TYPE_CHECKING:
    from omegaconf import DictConfig


def run(cfg: DictConfig) -> None:
    """Compare the swaps below `input=`, told apart by `by=`; metrics.json and table.md: `output=`.

    Raises:
        UserError: Two runs have one setting, or none measured a rendered clip.
    """
    from facsimile.evaluation.ranking import (
        correlations_table,
        items_table,
        rank_correlations,
        ranked_items,
    )
    from facsimile.evaluation.summary import write_metrics

    require(cfg)
    runs = read_runs(Path(cfg.input), str(cfg.by), ["test/*"])
    if several := [setting for setting, metrics in runs.items() if len(metrics) > 1]:
        raise UserError(f"{len(runs[several[0]])} runs have {several[0]}: swaps are ranked singly")
    settings = sorted(runs, key=lambda setting: (len(setting), setting))  # 200 before 1600
    items = ranked_items({setting: runs[setting][0] for setting in settings})
    if items.empty:
        raise UserError(
            f"no run below input={cfg.input} measured a rendered clip: run render first"
        )
    metrics = rank_correlations(items, cfg.rank.draws, cfg.seed)
    tables = [items_table(items), correlations_table(metrics)]
    write_metrics(Path(cfg.output) / "metrics.json", metrics)
    write_tables(Path(cfg.output), tables)
