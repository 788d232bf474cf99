"""What restoring faces does to detectors, as people read it."""

from collections.abc import Mapping

from facsimile.evaluation.tables import Table, Value

NOTE = (
    "AUC by face, the mean over runs; gain: to the same detectors on the same faces unrestored. In "
    "brackets: 95 % bootstrap interval over identities; none where they are too few."
)


def restored_detection_table(metrics: Mapping[str, Value], reference: str | None) -> Table:
    """A row for each kind of training, degradation and restoration."""
    ending = "/auc"
    prefixes = [key.removesuffix(ending) for key in metrics if key.endswith(ending)]
    measures = ["auc", "gain", *([f"over_{reference}"] if reference else [])]
    columns = ["trained on", "tested on", "restored by", "AUC", "gain"]
    columns += [f"over {reference}, unrestored"] if reference else []
    rows = [
        [*prefix.split("/")[1:], *(_cell(metrics, f"{prefix}/{one}") for one in measures)]
        for prefix in prefixes
    ]
    return Table("Detection of degraded and restored faces", columns, rows, NOTE, names=3)


def _cell(metrics: Mapping[str, Value], key: str) -> str:
    value, low, high = (metrics.get(f"{key}{bound}") for bound in ("", "_low", "_high"))
    if value is None:
        return "-"
    told = f"{value:.3f}" if key.endswith("/auc") else f"{value:+.3f}"
    return told if low is None or high is None else f"{told} [{low:.3f}, {high:.3f}]"
