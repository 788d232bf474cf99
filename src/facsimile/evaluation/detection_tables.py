"""A detector's figures as people read them."""

from collections.abc import Mapping

from facsimile.evaluation.tables import Table, Value

LEVELS = ("frame", "video")
HEADINGS = {
    "auc": "AUC",
    "eer": "EER",
    "ap": "AP",
    "accuracy": "accuracy at .5",
    "ece": "calibration error",
}
MEASURES = tuple(HEADINGS)
NOTE = (
    "In brackets: 95 % bootstrap interval, resampled by identity; none where identities are too "
    "few. People whom a fake joins, by body and face, are one identity. A video's score is the "
    "mean of its faces' scores. AP depends on the share of fakes, accuracy on the threshold. "
    "Guessing has an AUC of .5."
)


def is_detection(metrics: Mapping[str, Value]) -> bool:
    """Whether these are a detector's metrics."""
    return any(key.endswith("/frame/auc") for key in metrics)


def detection_table(metrics: Mapping[str, Value]) -> Table:
    """A row for each data set, by frame and by video."""
    ending = "/frame/auc"
    names = [key.removesuffix(ending) for key in metrics if key.endswith(ending)]
    rows = [
        [prefix.removeprefix("test/"), level, *_counts(metrics, f"{prefix}/{level}")]
        + [_with_interval(metrics, f"{prefix}/{level}/{name}") for name in MEASURES]
        for prefix in sorted(names)
        for level in LEVELS
    ]
    columns = ["data", "by", "real", "fake", "identities", *HEADINGS.values()]
    return Table("Held-out people: fake or real", columns, rows, NOTE, names=2)


def _counts(metrics: Mapping[str, Value], prefix: str) -> list[str]:
    return [str(metrics[f"{prefix}/n_{what}"]) for what in ("real", "fake", "identities")]


def _with_interval(metrics: Mapping[str, Value], key: str) -> str:
    value, low, high = (metrics.get(f"{key}{bound}") for bound in ("", "_low", "_high"))
    if value is None:
        return "-"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"
