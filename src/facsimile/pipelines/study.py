"""Compare settings over several runs each: the mean and the spread of every metric."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.evaluation.spread import spread, spread_table
from facsimile.evaluation.summary import Metrics, write_metrics
from facsimile.media.files import atomic_path
from facsimile.pipelines.show_table import show_table

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.evaluation.tables import Table


def run(cfg: DictConfig) -> None:
    """Group the runs below `input=` by `by=`; metrics.json and table.md go to `output=`."""
    require(cfg)
    runs = read_runs(Path(cfg.input), str(cfg.by), list(cfg.measures or ["*"]))
    metrics = spread(runs)
    table = spread_table(f"{cfg.name or Path(cfg.output).name}, by {cfg.by}", metrics, list(runs))
    write_metrics(Path(cfg.output) / "metrics.json", metrics)
    write_tables(Path(cfg.output), [table])


def write_tables(folder: Path, tables: Sequence[Table]) -> None:
    """Write table.md, a table below the other, and print them."""
    with atomic_path(folder / "table.md") as path:
        path.write_text("\n\n".join(one.markdown() for one in tables) + "\n", encoding="utf-8")
    for table in tables:
        show_table(table)


def require(cfg: DictConfig) -> None:
    """Make sure that it is said which runs are compared."""
    missing = [f"{key}=" for key in ("input", "by", "output") if cfg[key] is None]
    if missing:
        raise UserError(
            f"say {', '.join(missing)}: input= is the folder of a sweep, by= the setting that its "
            "runs are told apart by, as task.data_module.sharpen_k, and output= takes the table"
        )


def read_runs(folder: Path, by: str, measures: Sequence[str]) -> dict[str, list[Metrics]]:
    """The chosen metrics of each run, by its setting.

    Raises:
        UserError: There are no runs, none has such a metric, or one has no such setting.
    """
    runs: dict[str, list[Metrics]] = {}
    for path in sorted(folder.rglob("metrics.json"), key=lambda path: _number(path.parent.name)):
        metrics = json.loads(path.read_text(encoding="utf-8"))
        chosen = {k: v for k, v in metrics.items() if any(fnmatch(k, one) for one in measures)}
        if not chosen:
            raise UserError(f"{path} has none of the metrics {', '.join(measures)}")
        runs.setdefault(_setting(path.parent / "config.yaml", by), []).append(chosen)
    if not runs:
        raise UserError(f"there are no runs below input={folder}: no metrics.json")
    return dict(sorted(runs.items()))


def _names(part: dict[str, Any]) -> Iterator[str]:
    """Of classes, functions and choices: `Mask`, `tight`, `if_any`."""
    for value in part.values():
        if isinstance(value, dict):
            yield from _names(value)
        elif isinstance(value, str):
            yield value.rpartition(".")[2]


def _number(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdecimal() else (-1, name)


def _setting(path: Path, by: str) -> str:
    """`key=value` of a run's configuration; of a part that is built, all the names in it."""
    import yaml

    if not path.is_file():
        raise UserError(f"{path.parent} has no config.yaml that says what its run was")
    value: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in by.split("."):
        if not isinstance(value, dict) or key not in value:
            raise UserError(f"{path} has no setting {by}")
        value = value[key]
    if isinstance(value, dict):
        value = "+".join(_names(value))
    return f"{by.rpartition('.')[2]}={value}"
