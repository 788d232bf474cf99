"""Measure a video, picture or folder against another (reference=, distorted=)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from omegaconf import DictConfig

    from facsimile.evaluation.measure_pictures import Extremes
    from facsimile.evaluation.measure_regions import Eyes
    from facsimile.pipelines.measure_work import Work

CHOICES = {"resize": ("none", "area", "bicubic"), "match": ("auto", "number", "time")}
MOST_WORKERS = 8


def run(cfg: DictConfig) -> None:
    """Write what `distorted=` keeps of `reference=` to the folder `output=`.

    Raises:
        UserError: A setting or path cannot be, or no pair of frames can be measured.
    """
    from facsimile.evaluation.measure_items import items_of
    from facsimile.media.files import atomic_folder
    from facsimile.pipelines.measure_examples import write_examples
    from facsimile.pipelines.measure_work import EXAMPLES, MADE, Work

    output = _checked(cfg)
    MADE.check(output)
    items, rejected = items_of(Path(cfg.reference), Path(cfg.distorted))
    work = Work(items, rejected, str(cfg.measure.resize), str(cfg.measure.match))
    table, extremes = _measured(work, _eyes(cfg))
    result = work.result(table, _settings(cfg), cfg.measure.identity_every)
    with atomic_folder(output, MADE) as folder:
        examples = write_examples(folder / EXAMPLES, work, extremes, cfg.consent)
        _write(folder, table, result, examples)
    _tell(output, result)


def _checked(cfg: DictConfig) -> Path:
    """The output, or what is wrong with the settings."""
    for key, choices in CHOICES.items():
        if cfg.measure[key] not in choices:
            raise UserError(f"measure.{key}={cfg.measure[key]} must be {' or '.join(choices)}")
    for key in ("reference", "distorted"):
        if cfg[key] is None:
            raise UserError(f"say what is measured: {key}=FILE or {key}=FOLDER")
    if cfg.output is None:
        raise UserError("say where the result goes: output=DIR")
    return Path(cfg.output)


def _eyes(cfg: DictConfig) -> list[Eyes | None]:
    """One pair for each core; OpenCV's networks serve one thread each."""
    from hydra.utils import instantiate

    from facsimile.cores import usable_cores
    from facsimile.evaluation.measure_regions import Eyes

    workers = min(usable_cores(), MOST_WORKERS)
    if not cfg.measure.faces:
        return [None] * workers
    every = cfg.measure.identity_every
    return [
        Eyes(instantiate(cfg.detector), instantiate(cfg.embedder), every) for _ in range(workers)
    ]


def _measured(work: Work, eyes: list[Eyes | None]) -> tuple[pd.DataFrame, Extremes]:
    """One row a pair of frames, and the frames to look at."""
    import pandas as pd

    from facsimile.evaluation.measure import measure_items
    from facsimile.evaluation.measure_pictures import Extremes
    from facsimile.media.progress import FrameProgress

    extremes, records = Extremes(), []
    with FrameProgress() as progress:
        stream = measure_items(work.streams(), eyes)
        for measured in progress.watch(stream, "measured", work.total):
            extremes.look(measured)
            records.append(measured.record)
    if not records:
        raise UserError(next(iter(work.rejected.values()), "there is no frame to measure"))
    return pd.DataFrame(records), extremes


def _settings(cfg: DictConfig) -> dict[str, Any]:
    from facsimile.pipelines.measure_settings import settings

    return settings(cfg)


def _write(
    folder: Path, table: pd.DataFrame, result: Mapping[str, Any], examples: Mapping[str, str]
) -> None:
    """measure.json, frames.parquet, the plots and the page."""
    from facsimile.evaluation.results import write_table
    from facsimile.pipelines.measure_work import EXAMPLES
    from facsimile.reports.measure_page import CURVES, measure_page
    from facsimile.reports.measure_plots import figure
    from facsimile.reports.page import Beside

    text = json.dumps(result, indent=2, ensure_ascii=False)
    (folder / "measure.json").write_text(text + "\n", encoding="utf-8")
    write_table(folder / "frames.parquet", table)
    plots = {name: data for name in CURVES if (data := figure(table, name)) is not None}
    (folder / "plots").mkdir()
    for name, data in plots.items():
        (folder / "plots" / f"{name}.png").write_bytes(data)
    shown = [Beside(f"{EXAMPLES}/{name}", caption) for name, caption in examples.items()]
    (folder / "index.html").write_text(measure_page(result, plots, shown).html(), encoding="utf-8")


def _tell(output: Path, result: Mapping[str, Any]) -> None:
    for note in result["notes"]:
        print(note, file=sys.stderr)
    if rejected := result["rejected"]:
        path, reason = next(iter(rejected.items()))
        print(f"{len(rejected)} files are set aside, as {path}: {reason}", file=sys.stderr)
    figures = (f"{key} {result[f'frame/{key}/mean']}" for key in ("ssim_rgb", "psnr"))
    print(f"{output / 'index.html'}: {result['frames']} frames, mean {', '.join(figures)}")
