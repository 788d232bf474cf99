"""Find, align and measure the faces of videos and images."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import hydra
import pandas as pd
import yaml
from omegaconf import DictConfig, OmegaConf

import facsimile
from facsimile.cores import usable_cores
from facsimile.data.extraction import Extraction, Rejected
from facsimile.data.folder import FolderDataset
from facsimile.data.records import FACES, REJECTED, Clip, read_parquet, write_parquet
from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder, sha256
from facsimile.media.progress import FrameProgress
from facsimile.media.video import VideoError, probe
from facsimile.pipelines.places import output_folder

_CODE = ("media", "faces", "data/records.py", "data/extraction.py", "pipelines/extract.py")
_MADE = Made(("faces.parquet",), ("rejected.parquet", "images", "source.yaml"))


@dataclass(frozen=True)
class _Work:
    """Where finished clips are kept until all are: `result` is the output folder to be."""

    folder: Path

    @property
    def result(self) -> Path:
        return self.folder / "result"

    def images(self, clip: str) -> Path:
        return self.result / "images" / clip

    def faces(self, clip: str) -> Path:
        return self.folder / "clips" / clip / "faces.parquet"

    def rejected(self, clip: str) -> Path:
        return self.folder / "clips" / clip / "rejected.parquet"

    def open(self) -> None:
        # The lists of clips without their pictures are left by a run that was killed after it
        # had moved its result away.
        if not self.result.is_dir():
            shutil.rmtree(self.folder, ignore_errors=True)
        for unfinished in self.result.glob("images/.partial-*"):
            shutil.rmtree(unfinished)
        self.result.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Leave nothing behind where there is nothing to go on from."""
        if self.folder.is_dir() and not any(one.is_file() for one in self.folder.rglob("*")):
            shutil.rmtree(self.folder)
            if self._beside_output and not any(self.folder.parent.iterdir()):
                self.folder.parent.rmdir()

    def publish(self, output: Path) -> None:
        """The result becomes the output; what other settings had begun there goes as well."""
        with atomic_folder(output, _MADE) as folder:
            try:
                self.result.replace(folder)
            except OSError:  # another file system
                shutil.copytree(self.result, folder, dirs_exist_ok=True)
        shutil.rmtree(self.folder.parent if self._beside_output else self.folder)

    @property
    def _beside_output(self) -> bool:
        return self.folder.parent.name.endswith(".partial")


def run(cfg: DictConfig) -> None:
    """Extract the data set `data=NAME` into data/faces/NAME or `output=`, or `input=` there."""
    started = time.monotonic()
    output = output_folder(cfg, Path(cfg.paths.faces) / cfg.data.name)
    source, root = _source(cfg)
    groups = _grouped(source.clips())
    _MADE.check(output)
    work = _work(cfg, output, root, groups)
    try:
        frames, faces, rejected = _make(cfg, groups, root, work)
        work.publish(output)
    finally:
        work.close()
    rate = frames / (time.monotonic() - started)
    print(f"{output}: {faces} faces, {rejected} rejected, {rate:.0f} frames/s")


def _make(
    cfg: DictConfig, groups: dict[str, list[Clip]], root: Path, work: _Work
) -> tuple[int, int, int]:
    """Fill the work folder; returns the numbers of frames, faces and what was set aside."""
    work.open()
    frames = _extract(cfg, groups, root, work)
    faces, rejected = _collect(work, groups)
    if cfg.input is not None and cfg.consent:
        _write_source(work.result / "source.yaml", cfg)
    return frames, faces, rejected


def _source(cfg: DictConfig) -> tuple[Any, Path]:
    """The data set, and the folder that its paths are told relative to."""
    if cfg.input is not None:
        folder = FolderDataset(cfg.input)
        return folder, folder.root
    if not Path(cfg.data.root).is_dir():
        raise UserError(f"there is no {cfg.data.root}, the root of data={cfg.data.name}")
    return hydra.utils.instantiate(cfg.data.dataset), Path(cfg.data.root)


def _grouped(clips: Iterable[Clip]) -> dict[str, list[Clip]]:
    """Clips by name: one video, or the still images that share a name."""
    groups: dict[str, list[Clip]] = {}
    for clip in clips:
        groups.setdefault(clip.clip, []).append(clip)
    for name, group in groups.items():
        videos = sum(clip.kind == "video" for clip in group)
        if (videos and len(group) > 1) or len({clip.frame for clip in group}) < len(group):
            raise UserError(f"several files are clip {name}: {group[0].path}, {group[1].path}")
    if not groups:
        raise UserError("there is no clip to extract: the data set lists none")
    return groups


def _work(cfg: DictConfig, output: Path, root: Path, groups: dict[str, list[Clip]]) -> _Work:
    key = hashlib.sha256(json.dumps(_identity(cfg, root, groups)).encode()).hexdigest()[:16]
    if cfg.output is not None:
        return _Work(output.parent / f".{output.name}.partial" / key)
    return _Work(Path(cfg.paths.work) / f"extract-{key}")


def _identity(cfg: DictConfig, root: Path, groups: dict[str, list[Clip]]) -> list[Any]:
    """All that decides what is extracted: whatever of it changes, work starts anew."""
    package = Path(facsimile.__file__).parent
    code = [
        p for part in _CODE for p in (sorted((package / part).glob("*.py")) or [package / part])
    ]
    model = Path(cfg.detector.get("model", ""))
    return [
        OmegaConf.to_container(cfg.params.extract, resolve=True),
        OmegaConf.to_container(cfg.detector, resolve=True),
        sha256(model) if model.is_file() else None,
        [sha256(path) for path in code],
        [av.__version__, cv2.__version__],
        [_stamp(clip, root) for group in groups.values() for clip in group],
    ]


def _stamp(clip: Clip, root: Path) -> dict[str, Any]:
    stat = clip.path.stat() if clip.path.exists() else None
    described = asdict(clip) | {"path": os.path.relpath(clip.path, root)}
    return described | {"file": stat and [stat.st_size, stat.st_mtime_ns]}


def _extract(cfg: DictConfig, groups: dict[str, list[Clip]], root: Path, work: _Work) -> int:
    """Do the clips that are not done yet; returns the number of frames."""
    todo = [group for name, group in groups.items() if not work.faces(name).exists()]
    make_detector = hydra.utils.instantiate(cfg.detector, _partial_=True)
    # before the work begins, so that a missing model is told at once
    detectors = [make_detector() for _ in range(usable_cores())]
    params = cfg.params.extract
    extraction = Extraction(detectors, params.image_size, params.coverage)
    opencv_threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # the frames are shared out among threads already
    try:
        with FrameProgress() as progress:
            outcomes = (x for group in todo for x in _one_clip(extraction, group, root, work))
            return sum(1 for _ in progress.watch(outcomes, "extract", _expected(todo)))
    finally:
        cv2.setNumThreads(opencv_threads)


def _expected(groups: list[list[Clip]]) -> int | None:
    """How many frames the files claim to have; None where asking each would take long."""
    if len(groups) > 500:
        return None
    return sum(_claimed(clip) for group in groups for clip in group)


def _claimed(clip: Clip) -> int:
    if clip.kind == "image":
        return 1
    try:
        info = probe(clip.path)
    except VideoError:
        return 1  # it will be one row of what is set aside
    return info.frames or round((info.duration or 0) * info.frame_rate)


def _one_clip(
    extraction: Extraction, group: list[Clip], root: Path, work: _Work
) -> Iterator[dict[str, Any] | Rejected]:
    name = group[0].clip
    faces, rejected = [], []
    with atomic_folder(work.images(name)) as folder:
        for outcome in extraction.clip(group, root, folder):
            if isinstance(outcome, Rejected):
                rejected.append(asdict(outcome))
            else:
                faces.append(outcome)
            yield outcome
    if not faces:
        work.images(name).rmdir()
    write_parquet(work.rejected(name), rejected, REJECTED)
    write_parquet(work.faces(name), faces, FACES)  # last: it says that the clip is done


def _collect(work: _Work, groups: dict[str, list[Clip]]) -> tuple[int, int]:
    """One manifest of all clips, in the order of the data set; returns its numbers of rows."""
    faces = pd.concat([read_parquet(work.faces(name), FACES.names, "extract") for name in groups])
    rejected = pd.concat(
        [read_parquet(work.rejected(name), REJECTED.names, "extract") for name in groups]
    )
    write_parquet(work.result / "faces.parquet", faces, FACES)
    write_parquet(work.result / "rejected.parquet", rejected, REJECTED)
    return len(faces), len(rejected)


def _write_source(path: Path, cfg: DictConfig) -> None:
    described = {"input": Path(cfg.input).name, "consent": str(cfg.consent)}
    path.write_text(yaml.safe_dump(described, allow_unicode=True), encoding="utf-8")
