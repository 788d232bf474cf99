"""The tables that a recipe's metrics fill, whatever its task."""

from collections.abc import Mapping

from facsimile.evaluation.detection_tables import detection_table, is_detection
from facsimile.evaluation.tables import (
    Table,
    Value,
    crop_table,
    methods_table,
    person_table,
    reconstruction_table,
    swap_table,
    tones_table,
    verdict_table,
)


def tables_of(metrics: Mapping[str, Value]) -> list[Table]:
    """Every table that these metrics have rows for."""
    if is_detection(metrics):
        return [detection_table(metrics)]
    if not _has(metrics, "test/reconstruction/"):
        return [verdict_table(metrics), methods_table(metrics), tones_table(metrics)]
    made = [reconstruction_table(metrics), crop_table(metrics)]
    if _has(metrics, "test/swap/"):
        made += [swap_table(metrics), person_table(metrics)]
    return [table for table in made if table.rows]


def _has(metrics: Mapping[str, Value], prefix: str) -> bool:
    """Whether a key goes on below the name that follows `prefix`."""
    return any("/" in key.removeprefix(prefix) for key in metrics if key.startswith(prefix))
