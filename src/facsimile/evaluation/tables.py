"""The tables that people read: ours, beside the paper's and the baselines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from facsimile.evaluation.summary import NO_SWAP

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
    "second_identity_source": "2nd to source",
    "second_identity_target": "2nd to target",
    "identity_cosine": "identity cosine",
    "landmark_error": "landmark error",
    "mouth_correlation": "mouth",
    "eye_correlation": "eyes",
    "flicker_ratio": "flicker ratio",
    "jitter_ratio": "jitter ratio",
    "undetected": "faces lost",
    "keras_accuracy": "keras_accuracy",
    "within_0.1": "within 0.1",
    "n": "pictures",
}
PIXELS = ("pixel_cosine", "ssim", "psnr")
PERSON = (
    *("identity_source", "identity_target", "second_identity_source", "second_identity_target"),
    *("landmark_error", "mouth_correlation", "eye_correlation", "flicker_ratio", "jitter_ratio"),
    "undetected",
)
PERSON_NOTE = (
    "2nd: cosines of dlib's ResNet, which nothing else uses; they lie close together, near .84 for "
    "two people and .98 for one. Mouth, eyes: correlation of their opening with the target's over "
    "time (MediaPipe's mesh); an expression that is followed by half counts in full. Ratios: of "
    "the trembling of the face's pixels and of its landmarks to the target's own."
)
NOT_THERE = "which was not installed where this was measured (`make detectors`)"


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
    rows = [[name, *cells(metrics, prefix + name, measures)] for name in below(metrics, prefix)]
    return Table("Reconstruction of held-out crops", ["subject", *headings(measures)], rows)


def crop_table(metrics: Mapping[str, Value]) -> Table:
    """Identity of swapped crops, before any pasting."""
    measures = ("identity_source", "identity_target")
    prefix = "test/crop/"
    rows = [[name, *cells(metrics, prefix + name, measures)] for name in below(metrics, prefix)]
    note = "Whole decoded crops, neither masked nor pasted back."
    return Table("Identity of swapped crops", ["direction", *headings(measures)], rows, note)


def swap_table(metrics: Mapping[str, Value]) -> Table:
    """The paper's Table 1, and below it ours: the means, then every direction."""
    face = (f"face_{measure}" for measure in PIXELS)
    measures = (*PIXELS, *face, "undetected")
    rows = [[name, "", *(cited.get(m, "-") for m in measures)] for name, cited in PAPER_1.items()]
    note = (
        "No swap, the untouched frames, beats the paper's row in all that the paper measured: it "
        "cannot tell a good swap. That is one by which much of the source's identity arrives (the "
        "next table) and much of the target's frame stays."
    )
    columns = ["row", "direction", *headings(measures)]
    rows += _swap_rows(metrics, measures)
    return Table("Held-out clips, beside paper 1's Table 1", columns, rows, note, names=2)


def person_table(metrics: Mapping[str, Value]) -> Table:
    """Who is seen in the rendered clips and what the face does: means, then every direction."""
    columns = ["row", "direction", *headings(PERSON)]
    rows, note = _swap_rows(metrics, PERSON), PERSON_NOTE
    if metrics.get("test/swap/second_identity_source") is None:
        note += f" Without the second embedder, {NOT_THERE}."
    if metrics.get("test/no_swap/mouth_correlation") is None:
        note += f" Without mouth and eyes, {NOT_THERE}."
    return Table("Held-out clips: who is seen, and what the face does", columns, rows, note, 2)


def _swap_rows(metrics: Mapping[str, Value], measures: Sequence[str]) -> list[list[str]]:
    rows = []
    for place in ["", *below(metrics, "test/swap/")]:
        for row, label in SWAP_ROWS.items():
            prefix = f"test/{row}/{place}".rstrip("/")
            rows.append([label, place or "mean", *cells(metrics, prefix, measures)])
    return rows


def headings(measures: Iterable[str]) -> list[str]:
    """What people call these measures."""
    return [HEADINGS[measure] for measure in measures]


def below(metrics: Mapping[str, Value], prefix: str) -> list[str]:
    """The names that follow `prefix` in keys which go on below them, sorted."""
    tails = (key.removeprefix(prefix) for key in metrics if key.startswith(prefix))
    return sorted({tail.partition("/")[0] for tail in tails if "/" in tail})


def cells(metrics: Mapping[str, Value], prefix: str, measures: Iterable[str]) -> list[str]:
    """The text of each `<prefix>/<measure>`."""
    return [cell(metrics, prefix, measure) for measure in measures]


def cell(metrics: Mapping[str, Value], prefix: str, measure: str) -> str:
    """The text of `<prefix>/<measure>`; a * where infinite values were left out of its mean."""
    value = metrics.get(f"{prefix}/{measure}")
    if value is None:
        return "inf" if metrics.get(f"{prefix}/{measure}_infinite") else "-"
    if isinstance(value, int):
        return str(value)
    if not measure.endswith("psnr"):
        return f"{value:.3f}"
    return f"{value:.2f}{'*' if metrics.get(f'{prefix}/{measure}_infinite') else ''}"
