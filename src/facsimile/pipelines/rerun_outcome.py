"""What came out the same when a run was made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from facsimile.evaluation.tables import Table

if TYPE_CHECKING:
    from facsimile.tracking.recorded import Recorded

VERSIONS = ("version.config", "version.data", "version.code")
SHOWN = 20  # differing metrics that are printed; reproduce.json has all


@dataclass(frozen=True)
class Outcome:
    """A run beside its rerun.

    Args:
        run_id: The run.
        revision: Its commit.
        identical: Whether every metric came out, and equal to the last bit.
        compared: How many there are.
        different: Of each metric that is not equal, what was recorded and what came out now; None
            where there is none.
        versions: Whether settings, data and code have the hashes that the run had.
        notes: What was known beforehand to be otherwise.
    """

    run_id: str
    revision: str
    identical: bool
    compared: dict[str, int]
    different: dict[str, tuple[float | None, float | None]]
    versions: dict[str, bool]
    notes: list[str]


def compare(run: Recorded, again: Recorded, notes: Sequence[str] = ()) -> Outcome:
    """Compare every metric exactly, curves step by step."""
    different = differences(run.metrics, again.metrics)
    keys = sorted({*run.metrics, *again.metrics})
    kinds = [key.partition("/")[0].partition("@")[0] for key in keys]
    return Outcome(
        run.run_id,
        run.tags.get("git.revision", ""),
        bool(keys) and not different,
        {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        different,
        {key: run.tags.get(key) == again.tags.get(key) for key in VERSIONS},
        list(notes),
    )


def differences(
    one: Mapping[str, float], two: Mapping[str, float]
) -> dict[str, tuple[float | None, float | None]]:
    """The metrics that are not equal to the last bit, or that one side lacks.

    >>> differences({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.5, "c": 0.0})
    {'b': (2.0, 2.5), 'c': (None, 0.0)}
    """
    keys = sorted({*one, *two})
    return {key: (one.get(key), two.get(key)) for key in keys if one.get(key) != two.get(key)}


def outcome_table(outcome: Outcome) -> Table:
    """How many metrics of each kind came out the same, and those that did not."""
    rows = []
    for kind, count in outcome.compared.items():
        other = sum(key.partition("/")[0].partition("@")[0] == kind for key in outcome.different)
        rows.append([kind, str(count), str(count - other), ""])
    for key, (was, now) in list(outcome.different.items())[:SHOWN]:
        rows.append([key, _text(was), _text(now), _apart(was, now)])
    names = [key.partition(".")[2] for key, same in outcome.versions.items() if not same]
    note = f"other hashes than the run had: {', '.join(names)}" if names else ""
    columns = ["metrics", "recorded", "the same", "difference"]
    return Table(f"run {outcome.run_id} again", columns, rows, "; ".join([note, *outcome.notes]))


def _text(value: float | None) -> str:
    return "none" if value is None else f"{value:.9g}"


def _apart(was: float | None, now: float | None) -> str:
    return "" if was is None or now is None else f"{now - was:+.3g}"
