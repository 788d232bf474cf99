"""What the report says of a recipe: training, figures, tables, pictures."""

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pandas as pd

from facsimile.evaluation.result_tables import tables_of
from facsimile.evaluation.tables import Value
from facsimile.metrics.ssim import SETTINGS
from facsimile.reports import plots
from facsimile.reports.detection_sections import detection_pictures
from facsimile.reports.origins import Lock
from facsimile.reports.page import Picture, Section

FIGURES = {
    "pixel_cosine": "Pixel cosine similarity of every frame (paper 1, figure 7)",
    "ssim": "SSIM of every frame (paper 1, figure 8)",
    "psnr": "PSNR of every frame (paper 1, figure 9)",
}
OPENINGS = {
    "mouth_opening": ("opening, mouth widths", "Opening of the mouth in every frame"),
    "eye_opening": ("opening, eye widths", "Opening of the eyes in every frame"),
}


def recipe_sections(folder: Path, task: str, data: str, lock: Lock) -> list[Section]:
    """Training and results of one recipe, from its folder below experiments/."""
    name = folder.name
    sections = [_training(folder, name, lock), _results(folder, name, task, lock)]
    for section in sections:
        section.origins += [
            lock.origin(f"data/selected/{data}", f"facsimile select data={data}"),
            lock.origin(f"data/splits/{data}", f"facsimile split data={data}"),
        ]
    if task == "enhancement":
        sections[-1].origins += [
            lock.origin(f"data/degraded/{data}", f"facsimile degrade data={data}"),
            lock.origin(f"data/baselines/{data}", f"facsimile baselines data={data}"),
        ]
    return sections


def _training(folder: Path, name: str, lock: Lock) -> Section:
    section = Section(f"{name}: training")
    command = f"facsimile train experiment={name}"
    section.origins = [lock.origin(f"experiments/{name}/checkpoint.ckpt", command)]
    path = folder / "train" / "curves.csv"
    if not path.is_file():
        section.text = f"{path} is missing: run `{command}`."
        return section
    curves = pd.read_csv(path)
    section.text = f"{int(curves['step'].max())} steps."
    section.blocks = [Picture(plots.training(curves), "Loss and figures of merit while it learned")]
    return section


def _results(folder: Path, name: str, task: str, lock: Lock) -> Section:
    section = Section(f"{name}: results")
    command = f"facsimile evaluate experiment={name}"
    section.origins = [
        lock.origin(f"experiments/{name}/metrics.json", command),
        lock.origin(f"experiments/{name}/tables", command),
        lock.origin(f"experiments/{name}/plots", command),
    ]
    path = folder / "metrics.json"
    if not path.is_file():
        section.text = f"{path} is missing: run `{command}`."
        return section
    metrics: dict[str, Value] = json.loads(path.read_text(encoding="utf-8"))
    if task != "detection":
        section.text = f"{SETTINGS}. PSNR: mean of the images' values, infinite ones left out."
    section.blocks += tables_of(metrics)
    if task == "enhancement":
        section.text += _blind_chain(folder)
        section.blocks += _enhancement_pictures(folder / "plots")
    if task == "detection":
        section.blocks += detection_pictures(folder / "plots")
    if task == "swap":
        section.blocks += _swap_pictures(folder / "plots", metrics)
        rendering = f"facsimile render experiment={name}"
        section.origins.append(lock.origin(f"experiments/{name}/render/lossless", rendering))
    return section


def _swap_pictures(folder: Path, metrics: Mapping[str, Value]) -> list[Picture]:
    directions = _stems(folder, "ssim_*.csv", "ssim_")
    if not directions:
        return []
    curves = {
        measure: {d: pd.read_csv(folder / f"{measure}_{d}.csv") for d in directions}
        for measure in (*FIGURES, "identity_source", "identity_target")
    }
    shown = "target, swap and pasted still (swapped and pasted faces are synthetic)"
    frames = [_photo(folder / f"frames_{d}.png", f"{d}: {shown}") for d in directions]
    hard = (
        "heads where a swap is hard: mouth widest open, eyes closed, head turned, landmarks "
        "furthest off; target above, swap (synthetic) below"
    )
    heads = {d: folder / f"hard_{d}.png" for d in directions}
    frames += [_photo(path, f"{d}: {hard}") for d, path in heads.items() if path.is_file()]
    figures = [Picture(plots.per_frame(curves[m], m), text) for m, text in FIGURES.items()]
    identity = plots.identity_per_frame(curves["identity_source"], curves["identity_target"])
    return [
        *frames,
        *_summary(metrics, directions),
        *figures,
        Picture(identity, "Identity cosine of every frame, to the source and to the target"),
        *_openings(folder, directions),
    ]


def _openings(folder: Path, directions: list[str]) -> list[Picture]:
    """Where dense landmarks were found."""
    pictures = []
    for measure, (ylabel, caption) in OPENINGS.items():
        paths = {d: folder / f"{measure}_{d}.csv" for d in directions}
        curves = {d: pd.read_csv(path) for d, path in paths.items() if path.is_file()}
        if curves:
            pictures.append(Picture(plots.opening_per_frame(curves, ylabel), caption))
    return pictures


def _summary(metrics: Mapping[str, Value], directions: list[str]) -> list[Picture]:
    known = []
    for direction, row in product(directions, plots.COLOURS):
        kept = metrics.get(f"test/{row}/{direction}/ssim")
        arrived = metrics.get(f"test/{row}/{direction}/identity_source")
        if kept is not None and arrived is not None:
            known.append((direction, row, kept, arrived))
    caption = (
        "The two axes of a swap: up is more of the source, right is more of the target's frame"
    )
    return [Picture(plots.two_axes(known), caption)] if known else []


def _enhancement_pictures(folder: Path) -> list[Picture]:
    pictures = []
    left_out = "; identical pictures, whose PSNR is infinite, are left out"
    for measure, label, note in (("psnr", "PSNR, dB", left_out), ("ssim", "SSIM", "")):
        path = folder / f"{measure}_methods.csv"
        if path.is_file():
            bars = plots.bars(pd.read_csv(path), label)
            pictures.append(Picture(bars, f"Mean {label}{note}"))
        names = _stems(folder, f"{measure}_by_*.csv", f"{measure}_by_")
        curves = {name: pd.read_csv(folder / f"{measure}_by_{name}.csv") for name in names}
        if curves:
            caption = (
                f"Mean {label} against the strength, of some of the pictures; the best single "
                "filter is that of each strength"
            )
            pictures.append(Picture(plots.strengths(curves, label), caption))
    for degradation in _stems(folder, "examples_*.jpg", "examples_"):
        path = folder / f"examples_{degradation}.jpg"
        caption = (
            f"Before and after: {degradation.replace('_', ' ')}; from the picture that the net "
            "leaves with the lowest PSNR to that with the highest, the twenty worst first"
        )
        pictures.append(_photo(path, caption))
    return pictures


def _blind_chain(folder: Path) -> str:
    path = folder / "tables" / "blind_chain.parquet"
    if not path.is_file():
        return ""
    names = " > ".join(pd.read_parquet(path)["filter"])
    return f" Best blind chain of filters: {names or 'to do nothing'}."


def _stems(folder: Path, pattern: str, prefix: str) -> list[str]:
    return sorted(path.stem.removeprefix(prefix) for path in folder.glob(pattern))


def _photo(path: Path, caption: str) -> Picture:
    """As it is: a picture of synthetic or restored faces is signed."""
    return Picture(path.read_bytes(), caption)
