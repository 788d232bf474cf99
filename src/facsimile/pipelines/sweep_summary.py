"""What came of a sweep: a table on the screen and as files, and a plot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.evaluation.tables import Table
from facsimile.media.files import atomic_path
from facsimile.pipelines.jobs import DONE, Job
from facsimile.pipelines.objectives import MAXIMIZE, Objective
from facsimile.pipelines.show_table import show_table

if TYPE_CHECKING:
    import pandas as pd

TABLE, ROWS, PLOT = "table.md", "sweep.csv", "parallel_coordinates.png"
STATE, REASON, RUN = "state", "reason", "run"
UNLIKE = ("sweep", "hydra", "output", "logger", "paths")  # no settings of a training


def summarise(folder: Path, jobs: Sequence[Job], goals: Sequence[Objective]) -> list[Path]:
    """Print the table of a sweep, and write it and the plot into its folder; returns the files."""
    from facsimile.reports.parallel_coordinates import parallel_coordinates

    rows = sweep_rows(jobs, goals)
    searched = list(rows.columns[1 : rows.columns.get_loc(STATE)])
    table = sweep_table(rows, goals, folder.name)
    show_table(table)
    _tell_of_best(rows, goals)
    with atomic_path(folder / TABLE) as path:
        path.write_text(table.markdown() + "\n", encoding="utf-8")
    with atomic_path(folder / ROWS) as path:
        rows.to_csv(path, index=False)
    if not searched:  # a single job, or several of the same settings
        return [folder / TABLE, folder / ROWS]
    with atomic_path(folder / PLOT) as path:
        path.write_bytes(
            parallel_coordinates(
                rows,
                searched,
                [goal.metric for goal in goals],
                [goal.direction == MAXIMIZE for goal in goals],
                rows[STATE] == DONE,
            )  # fmt: skip
        )
    return [folder / name for name in (TABLE, ROWS, PLOT)]


def sweep_rows(jobs: Sequence[Job], goals: Sequence[Objective]) -> pd.DataFrame:
    """A row a job: its number, the settings that jobs differ in, its state, values, and run."""
    import pandas as pd

    settings = [_settings(job) for job in jobs]
    keys = dict.fromkeys(key for one in settings for key in one)
    differ = [key for key in keys if len({one.get(key) for one in settings}) > 1]
    rows = [
        {
            "job": job.number,
            **{key: one.get(key) for key in differ},
            STATE: job.state,
            **{goal.metric: _value(job, goal) for goal in goals},
            REASON: job.reason,
            RUN: job.run,
        }
        for job, one in zip(jobs, settings, strict=True)
    ]
    columns = ["job", *differ, STATE, *(goal.metric for goal in goals), REASON, RUN]
    return pd.DataFrame(rows, columns=columns)


def sweep_table(rows: pd.DataFrame, goals: Sequence[Objective], name: str) -> Table:
    """The rows for people: the best trials above, marked, and the unfinished below."""
    best = best_trials(rows, goals)
    ordered = rows.assign(marked=rows.index.isin(best))
    keys = ["marked", *(goal.metric for goal in goals), "job"]
    rising = [False, *(goal.direction != MAXIMIZE for goal in goals), True]
    ordered = ordered.sort_values(keys, ascending=rising, na_position="last")
    shown = ordered.columns.drop(["marked", REASON, RUN])
    cells = [
        [f"{row['job']}{' *' if row['marked'] else ''}", *(_cell(row[key]) for key in shown[1:])]
        for _, row in ordered.iterrows()
    ]
    counts = ", ".join(f"{count} {state}" for state, count in Counter(rows[STATE]).items())
    reasons = [f"job {row['job']}: {row[REASON]}" for _, row in rows.iterrows() if row[REASON]]
    starred = "* best" if len(goals) < 2 else "* no other trial is better in one and worse in none"
    note = "; ".join([counts, *([starred] if best else []), *(one[:160] for one in reasons)])
    names = list(shown).index(STATE) + 1
    return Table(f"Sweep {name}", list(shown), cells, note, names)


def best_trials(rows: pd.DataFrame, goals: Sequence[Objective]) -> list[int]:
    """The rows that no other one beats: is as good as in every metric, and better in one."""
    done = rows[rows[STATE] == DONE].dropna(subset=[goal.metric for goal in goals])
    if not goals or done.empty:
        return []
    signs = [1 if goal.direction == MAXIMIZE else -1 for goal in goals]
    values = done[[goal.metric for goal in goals]].to_numpy(float) * signs
    beaten = [
        bool(((values >= one).all(axis=1) & (values > one).any(axis=1)).any()) for one in values
    ]
    return [int(row) for row, lost in zip(done.index, beaten, strict=True) if not lost]


def _settings(job: Job) -> dict[str, str]:
    pairs = (one.partition("=") for one in job.overrides)
    settings = {key.lstrip("+"): value for key, _, value in pairs}
    return {k: v for k, v in settings.items() if k.partition(".")[0] not in UNLIKE}


def _value(job: Job, goal: Objective) -> float | None:
    """A metric of a finished job, if it was measured."""
    if job.state != DONE or job.folder is None:
        return None
    try:
        return goal.of(Path(job.folder))
    except UserError:  # a sweep over values shows what there is
        return None


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or value != value else f"{value:.6g}"


def _tell_of_best(rows: pd.DataFrame, goals: Sequence[Objective]) -> None:
    for row in best_trials(rows, goals)[:3]:
        one = rows.loc[row]
        reached = ", ".join(f"{goal.metric} {one[goal.metric]:.6g}" for goal in goals)
        keep = (
            f"; `facsimile promote run={one[RUN]} name=NAME`" if isinstance(one[RUN], str) else ""
        )
        print(f"best: job {one['job']}, {reached}{keep}")
