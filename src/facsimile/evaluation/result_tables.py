"""The tables that a recipe's metrics fill, whatever its task."""

from collections.abc import Mapping

from facsimile.evaluation.detection_tables import detection_table, is_detection
from facsimile.evaluation.restored_tables import methods_table, tones_table, verdict_table
from facsimile.evaluation.tables import (
    Table,
    Value,
    crop_table,
    person_table,
    reconstruction_table,
    swap_table,
)


def tables_of(
    metrics: Mapping[str, Value], beside: Mapping[str, Mapping[str, Value]] | None = None
) -> list[Table]:
    """Every table that these metrics have rows for.

    Args:
        metrics: Of one run.
        beside: Metrics of other restorations, by the names that their nets are to have.
    """
    if is_detection(metrics):
        return [detection_table(metrics)]
    if not _has(metrics, "test/reconstruction/"):
        return [verdict_table(metrics, beside), methods_table(metrics), tones_table(metrics)]
    made = [reconstruction_table(metrics), crop_table(metrics)]
    if _has(metrics, "test/swap/"):
        made += [swap_table(metrics), person_table(metrics)]
    return [table for table in made if table.rows]


def _has(metrics: Mapping[str, Value], prefix: str) -> bool:
    """Whether a key goes on below the name that follows `prefix`."""
    return any("/" in key.removeprefix(prefix) for key in metrics if key.startswith(prefix))
