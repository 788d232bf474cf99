"""The page of `facsimile measure`: what was measured against what, the figures, and the curves."""

from collections.abc import Mapping, Sequence
from typing import Any

from facsimile.evaluation.measure import MEASURES, REGIONS
from facsimile.evaluation.measure_summary import STATISTICS
from facsimile.evaluation.tables import Table
from facsimile.reports.page import Beside, Page, Picture, Section
from facsimile.reports.settings_table import settings_table

NOTICE = (
    "Likeness is not quality: an untouched video is the most like its original. How good a swap is "
    "also depends on how much of the other identity arrived, which needs more than two videos. The "
    "pictures are of the files that were given; one that says of itself that it is synthetic is "
    "marked SYNTHETIC. Whoever they show was not asked by this page."
)
NAMES = {
    "ssim_grey": "SSIM, grey",
    "ssim_rgb": "SSIM, RGB",
    "ms_ssim": "MS-SSIM, grey",
    "psnr": "PSNR, dB",
    "pixel_cosine": "pixel cosine",
    "identity_cosine": "identity cosine",
    "landmark_error": "landmark error, eye distances",
    "pose_error": "pose error, degrees",
    "sharpness": "sharpness",
    "sharpness_reference": "sharpness of the reference",
    "flicker": "flicker, levels",
    "flicker_reference": "flicker of the reference",
}
TITLES = {"frame": "Whole frame", "face": "Face", "background": "Background"}
CURVES = {
    "pixel_cosine": "Pixel cosine similarity of each frame (the form of paper 1's figure 7)",
    "ssim": "Structural similarity of each frame (figure 8)",
    "psnr": "PSNR of each frame (figure 9)",
    "person": "Who is seen, and how the face is held",
    "sharpness": "Sharpness: variance of the Laplacian; dotted, the reference's own",
    "flicker": "Flicker: mean second difference over three frames; dotted, the reference's own",
}
Result = Mapping[str, Any]

_MOST = 20  # rows of a table that may be as long as a folder


def measure_page(result: Result, plots: Mapping[str, bytes], examples: Sequence[Beside]) -> Page:
    """The page of one result.

    Args:
        result: What measure.json holds.
        plots: PNG files by the names of `CURVES`.
        examples: Pictures of single frames, which lie beside the page.
    """
    curves = [Picture(plots[name], CURVES[name]) for name in CURVES if name in plots]
    sections = [
        Section("What was measured", _told(result), [_inputs(result), *_aside(result)]),
        Section("Figures", "", [_figures(result, region) for region in REGIONS]),
        Section("Frame by frame", "", list(curves)),
        Section("Frames", "", list(examples)),
        Section("How", "", [settings_table("Settings and versions", result["settings"])]),
    ]
    return Page("facsimile: measure", [one for one in sections if one.blocks], NOTICE)


def _told(result: Result) -> str:
    return " ".join([f"{result['frames']} pairs of frames.", *result["notes"]])


def _inputs(result: Result) -> Table:
    columns = ["file", "", "size", "frames/s", "without a partner", "SHA-256"]
    rows = []
    for item in result["items"][:_MOST]:
        for side in ("reference", "distorted"):
            one = item[side]
            rate = one.get("frame_rate")
            left = str(item["left"][side])
            size = f"{one['width']}x{one['height']}"
            rows.append([one["path"], side, size, _rate(rate), left, one["sha256"][:16]])
    more = len(result["items"]) - _MOST
    note = f"And {more} more, which measure.json lists." if more > 0 else ""
    return Table("Files", columns, rows, f"SHA-256 in full: measure.json. {note}".strip(), names=2)


def _rate(rate: str | None) -> str:
    if rate is None:
        return "-"
    whole, _, part = rate.partition("/")
    return f"{int(whole) / int(part or 1):.6g}"


def _aside(result: Result) -> list[Table]:
    rows = [[path, reason] for path, reason in result["rejected"].items()]
    if not rows:
        return []
    note = f"And {len(rows) - _MOST} more." if len(rows) > _MOST else ""
    return [Table("Set aside", ["file", "reason"], rows[:_MOST], note, names=2)]


def _figures(result: Result, region: str) -> Table:
    columns = ["measure", "mean", "median", "5 %", "95 %", "frames", "without"]
    rows = []
    for key in (key for key in MEASURES if key.startswith(f"{region}/")):
        figures = [_number(key, result[f"{key}/{name}"]) for name in STATISTICS]
        counts = [str(result[f"{key}/n"]), str(result[f"{key}/missing"])]
        rows.append([NAMES[key.partition("/")[2]], *figures, *counts])
    return Table(TITLES[region], columns, rows, _why(result, region))


def _why(result: Result, region: str) -> str:
    """The reasons of what has no value, each once, and what else the figures leave out."""
    why: dict[str, dict[str, None]] = {}
    for key, reasons in result["reasons"].items():
        if key.startswith(f"{region}/"):
            for reason, frames in reasons.items():
                why.setdefault(f"{reason} ({frames})", {})[_short(key)] = None
    told = [f"Without {', '.join(names)}: {reason}." for reason, names in why.items()]
    if same := result[f"{region}/psnr/infinite"]:
        told.append(f"PSNR leaves out {same} identical frames, whose value is infinite.")
    return " ".join(told)


def _short(key: str) -> str:
    """A measure's name without its unit."""
    return NAMES[key.partition("/")[2]].partition(",")[0]


def _number(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    name = key.partition("/")[2]
    digits = 4 if name in ("ssim_grey", "ssim_rgb", "ms_ssim", "pixel_cosine") else 2
    digits = 3 if name in ("identity_cosine", "landmark_error") else digits
    return f"{value:.{digits}f}"
