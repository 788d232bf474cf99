"""Find, align and measure the faces of videos and images."""

import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import hydra
import pandas as pd
import yaml
from omegaconf import DictConfig

from facsimile.data.assembly import MADE, assemble, take_over
from facsimile.data.batching import Batch, batches
from facsimile.data.folder import FolderDataset
from facsimile.data.forget import withdrawn, without_withdrawn
from facsimile.data.inventory import stamps
from facsimile.data.jobs import Job, blame, extract_batch
from facsimile.data.records import Clip
from facsimile.data.sighting import claimed_frames
from facsimile.media.files import atomic_folder
from facsimile.media.progress import FrameProgress
from facsimile.media.video import VideoError, probe
from facsimile.pipelines.extract_key import batch_key, extract_settings
from facsimile.pipelines.places import data_root, output_folder
from facsimile.pipelines.work_folder import work_folder

_PATIENCE = 10.0  # seconds, for a file that is only asked how long it is
_ASKED = 500  # batches; asking more files how long they are would take longer than it is worth


def run(cfg: DictConfig) -> None:
    """Extract the data set `data=NAME` into data/faces/NAME or `output=`, or `input=` there."""
    started = time.monotonic()
    output = output_folder(cfg, Path(cfg.paths.faces) / cfg.data.name)
    MADE.check(output)
    source, root = _source(cfg)
    _tell_what_is_ignored(cfg)
    executor = hydra.utils.instantiate(cfg.executor)
    with work_folder(_work(cfg, output)) as work:
        jobs = _jobs(cfg, batches(_clips(cfg, source)), root, work, executor.threads)
        frames = _do(executor, jobs, output)
        with atomic_folder(output, MADE) as folder:
            faces, rejected = assemble(jobs, source.problems(), folder)
            if cfg.input is not None and cfg.consent:
                _write_source(folder / "source.yaml", cfg)
        shutil.rmtree(work)
    rate = frames / (time.monotonic() - started)
    print(f"{output}: {faces} faces, {rejected} set aside, {rate:.0f} frames/s")
    if rejected:
        print(f"why: {_commonest(output / 'rejected.parquet')}", file=sys.stderr)


def _commonest(table: Path, most: int = 3) -> str:
    """What most rows that were set aside have as their reason, and where all stand."""
    counts = pd.read_parquet(table, columns=["reason"])["reason"].value_counts()
    shown = "; ".join(f"{number} x {reason}" for reason, number in counts.head(most).items())
    return f"{shown}; all in {table}"


def _source(cfg: DictConfig) -> tuple[Any, Path]:
    """The data set, and the folder that its paths are told relative to."""
    if cfg.input is not None:
        folder = FolderDataset(cfg.input)
        return folder, folder.root
    data_root(cfg)
    dataset = hydra.utils.instantiate(cfg.data.dataset)
    return dataset, dataset.root


def _tell_what_is_ignored(cfg: DictConfig) -> None:
    if cfg.data.frames is not None and cfg.params.extract.every > 1:
        print(
            f"params.extract.every={cfg.params.extract.every} is ignored: of data.frames="
            f"{cfg.data.frames} spaced frames none lie between; data.frames=null looks at all",
            file=sys.stderr,
        )


def _clips(cfg: DictConfig, source: Any) -> Iterable[Clip]:
    """All but those of people who withdrew; `input=` is no data set that anybody withdrew from."""
    gone = set() if cfg.input is not None else withdrawn(Path(cfg.paths.data), cfg.data.name)
    if not gone:
        return source.clips()  # type: ignore[no-any-return]
    every = list(source.clips())
    left = without_withdrawn(every, gone)
    print(f"{len(every) - len(left)} clips are left out: people withdrew", file=sys.stderr)
    return left


def _work(cfg: DictConfig, output: Path) -> Path:
    """Where finished batches are kept until all are, each under a name that tells its content."""
    if cfg.output is not None:
        return output.parent / f".{output.name}.partial"
    return Path(cfg.paths.work) / f"extract-{cfg.data.name}"


def _jobs(
    cfg: DictConfig, found: Iterable[Batch], root: Path, work: Path, threads: int
) -> list[Job]:
    """Every batch as a job, with the hash of all that decides its result."""
    settings = extract_settings(cfg)
    settings.make_detector()  # a missing model is told before the work begins
    listed = Path(cfg.paths.inventory) / cfg.data.name / "inventory.parquet"
    known = stamps(root, None) if cfg.input else stamps(root, listed, bool(cfg.data.hash))
    return [
        Job(batch, root, work, settings, threads, batch_key(settings, batch, known))
        for batch in found
    ]


def _do(executor: Any, jobs: Sequence[Job], output: Path) -> int:
    """Do the jobs that neither the work folder nor an earlier output has; returns their frames."""
    taken = take_over(output, jobs)
    if taken:
        print(f"{output}: {taken} of {len(jobs)} batches are there already", file=sys.stderr)
    todo = [job for job in jobs if not job.faces.exists()]
    with FrameProgress() as progress:
        counts = executor.run(extract_batch, todo, blame)
        return progress.count(counts, "extract", _expected(todo))


def _expected(jobs: Sequence[Job]) -> int | None:
    """How many frames the files claim to have; None where asking each would take long."""
    if len(jobs) > _ASKED:
        return None
    return sum(_claimed(clip, job.settings.frames) for job in jobs for clip in job.batch.clips())


def _claimed(clip: Clip, most: int | None) -> int:
    if clip.kind == "image":
        return 1
    try:
        info = probe(clip.path, _PATIENCE)
    except VideoError:
        return 1  # it will be one row of what is set aside
    claimed = claimed_frames(info) or 1
    return claimed if most is None else min(most, claimed)


def _write_source(path: Path, cfg: DictConfig) -> None:
    described = {"input": Path(cfg.input).name, "consent": str(cfg.consent)}
    path.write_text(yaml.safe_dump(described, allow_unicode=True), encoding="utf-8")
