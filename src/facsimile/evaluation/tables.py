"""The tables that people read: ours, beside the paper's and the baselines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from facsimile.evaluation.swap import MEASURES, NO_SWAP

Value = float | int | None

# Paper 1 (Fadly and Utami 2025), table 1: pixel-level figures of whole frames.
PAPER_1 = {
    "paper 1": {"pixel_cosine": "0.994", "ssim": "0.962", "psnr": "25-27"},
    "paper 1's baselines": {"pixel_cosine": "0.97", "ssim": "0.95", "psnr": "25-30"},
}
SWAP_ROWS = {"swap": "swap", "still": "pasted still", NO_SWAP: "no swap"}
HEADINGS = {
    "ssim": "SSIM",
    "psnr": "PSNR dB",
    "pixel_cosine": "pixel cosine",
    "face_ssim": "face SSIM",
    "face_psnr": "face PSNR dB",
    "face_pixel_cosine": "face pixel cosine",
    "identity_source": "identity to source",
    "identity_target": "identity to target",
    "landmark_error": "landmark error",
    "undetected": "faces lost",
    "keras_accuracy": "keras_accuracy",
    "within_0.1": "within 0.1",
}
METHODS = {
    "": "net",
    "no_op": "no-op",
    "median3": "3x3 median",
    "unsharp": "unsharp",
    "constant_red": "constant red",
}
ENHANCEMENT_MEASURES = ("psnr", "ssim", "keras_accuracy", "within_0.1")


@dataclass(frozen=True)
class Table:
    """A table of ready-made text: the first columns name a row, the others are numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    names: int = 1

    def markdown(self) -> str:
        """The table in GitHub's Markdown, numbers to the right."""
        rule = ["---"] * self.names + ["---:"] * (len(self.columns) - self.names)
        lines = [
            f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
            for cells in (self.columns, rule, *self.rows)
        ]
        return "\n".join([f"**{self.title}**", "", *lines, *(["", self.note] if self.note else [])])


def reconstruction_table(metrics: Mapping[str, Value]) -> Table:
    """Reconstruction of each subject's held-out crops."""
    measures = ("ssim", "psnr", "pixel_cosine")
    prefix = "test/reconstruction/"
    rows = [[name, *_cells(metrics, prefix + name, measures)] for name in _below(metrics, prefix)]
    return Table("Reconstruction of held-out crops", ["subject", *_headings(measures)], rows)


def crop_table(metrics: Mapping[str, Value]) -> Table:
    """Identity of swapped crops, before any pasting."""
    measures = ("identity_source", "identity_target")
    prefix = "test/crop/"
    rows = [[name, *_cells(metrics, prefix + name, measures)] for name in _below(metrics, prefix)]
    note = "Whole decoded crops, neither masked nor pasted back."
    return Table("Identity of swapped crops", ["direction", *_headings(measures)], rows, note)


def swap_table(metrics: Mapping[str, Value]) -> Table:
    """The paper's Table 1, and below it ours: the means, then every direction."""
    measures = ("pixel_cosine", "ssim", "psnr", *MEASURES[3:], "undetected")
    rows = [[name, "", *(cited.get(m, "-") for m in measures)] for name, cited in PAPER_1.items()]
    for place in ["", *_below(metrics, "test/swap/")]:
        for row, label in SWAP_ROWS.items():
            prefix = f"test/{row}/{place}".rstrip("/")
            rows.append([label, place or "mean", *_cells(metrics, prefix, measures)])
    note = (
        "Doing nothing is best on everything the paper measured: a swap is good where much of the "
        "source's identity arrives and much of the target's frame stays."
    )
    columns = ["row", "direction", *_headings(measures)]
    return Table("Held-out clips, beside paper 1's Table 1", columns, rows, note, names=2)


def enhancement_table(metrics: Mapping[str, Value]) -> Table:
    """Every degradation and every method, the net first."""
    rows = []
    for degradation in _below(metrics, "test/"):
        for method, label in METHODS.items():
            prefix = f"test/{degradation}/{method}".rstrip("/")
            if f"{prefix}/psnr" in metrics:
                cells = _cells(metrics, prefix, ENHANCEMENT_MEASURES)
                rows.append([degradation, label, *cells])
    note = "Pixel accuracies say little: compare them with no-op and constant red."
    columns = ["degradation", "method", *_headings(ENHANCEMENT_MEASURES)]
    return Table("Held-out people, per degradation", columns, rows, note, names=2)


def tables_of(metrics: Mapping[str, Value]) -> list[Table]:
    """Every table that these metrics have rows for."""
    if not _below(metrics, "test/reconstruction/"):
        return [enhancement_table(metrics)]
    made = [reconstruction_table(metrics), crop_table(metrics)]
    if _below(metrics, "test/swap/"):
        made.append(swap_table(metrics))
    return [table for table in made if table.rows]


def _headings(measures: Iterable[str]) -> list[str]:
    return [HEADINGS[measure] for measure in measures]


def _below(metrics: Mapping[str, Value], prefix: str) -> list[str]:
    """The names that follow `prefix` in keys which go on below them, sorted."""
    tails = (key.removeprefix(prefix) for key in metrics if key.startswith(prefix))
    return sorted({tail.partition("/")[0] for tail in tails if "/" in tail})


def _cells(metrics: Mapping[str, Value], prefix: str, measures: Iterable[str]) -> list[str]:
    return [_cell(metrics, prefix, measure) for measure in measures]


def _cell(metrics: Mapping[str, Value], prefix: str, measure: str) -> str:
    value = metrics.get(f"{prefix}/{measure}")
    if value is None:
        return "inf" if metrics.get(f"{prefix}/{measure}_infinite") else "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:.2f}" if measure.endswith("psnr") else f"{value:.3f}"
