"""Score pictures and videos as fake or real with a trained detector (checkpoint=, input=)."""

from __future__ import annotations

import sys
from heapq import nlargest
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.pipelines.places import given_input

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omegaconf import DictConfig

    from facsimile.data.folder import FolderDataset
    from facsimile.pipelines.detect_file import Judged
    from facsimile.pipelines.detect_work import Finished

SHOWN = 50  # files on the page, of any number
UNSTATED = "not stated; nobody is shown who was not in the input"


def run(cfg: DictConfig) -> None:
    """Write detect.json, index.html and signed heat maps of `input=` to the folder `output=`.

    A killed run goes on with the file it was at.

    Raises:
        UserError: A path or setting cannot be, or the input holds no picture or video.
    """
    from facsimile.data.folder import FolderDataset
    from facsimile.pipelines.detect_net import detector_net
    from facsimile.pipelines.detect_work import MADE, Finished, work_key
    from facsimile.pipelines.work_folder import work_folder

    output = _checked(cfg)
    MADE.check(output)
    net, consent = detector_net(cfg), str(cfg.consent or UNSTATED)
    source = FolderDataset(cfg.input)
    key = work_key(net, Path(cfg.input), consent)
    with work_folder(output.parent / f".{output.name}.{key}.partial") as work:
        finished = Finished(work, net, source.root, consent)
        shown = _judged(source, finished)
        problems = {one.path: one.reason for one in source.problems()}
        _write(finished, shown, problems, output)
    _tell(shown, finished, problems, output)


def _checked(cfg: DictConfig) -> Path:
    """The output, or what is wrong with the settings."""
    from facsimile.pipelines.resolve import recipe_folder

    if cfg.checkpoint is None:
        raise UserError("say what detects: checkpoint=FILE.ckpt")
    source = given_input(cfg)
    if cfg.output is None:
        raise UserError("say where the result goes: output=FOLDER")
    output = recipe_folder(cfg)
    if output.resolve().is_relative_to(source.resolve()):
        raise UserError(
            f"{output} lies in {source}, and would be looked at: give output= beside it"
        )
    return output


def _judged(source: FolderDataset, finished: Finished) -> list[Judged]:
    """Look at every file, and keep in mind those with the highest scores, the highest first."""
    from facsimile.pipelines.enhance_progress import EnhanceProgress

    clips = list(source.clips())
    with EnhanceProgress() as progress:
        watched = progress.watch(clips, str(source.root), "files", len(clips))
        scores: Iterator[Judged] = (finished.judged(clip, progress) for clip in watched)
        return nlargest(SHOWN, scores, key=lambda one: -1.0 if one.score is None else one.score)


def _write(finished: Finished, shown: list[Judged], problems: dict[str, str], output: Path) -> None:
    from facsimile.media.files import atomic_folder
    from facsimile.pipelines.detect_work import MADE
    from facsimile.reports.detection_page import detection_page

    description = finished.net.description
    page = detection_page(description, shown, problems, len(finished.files))
    with atomic_folder(output, MADE) as folder:
        finished.move(folder, problems)
        (folder / "index.html").write_text(page.html(), encoding="utf-8")
        (folder / "index.md").write_text(page.markdown(), encoding="utf-8")
    finished.clear()


def _tell(shown: list[Judged], finished: Finished, problems: dict[str, str], output: Path) -> None:
    for one in shown:
        told = one.problem if one.score is None else f"{one.score:.3f}"
        print(f"{one.path}: {told}")
    if problems:
        print(f"{len(problems)} files are no picture or video that can be read", file=sys.stderr)
    count = len(finished.files)
    more = f", of which the {len(shown)} highest are shown" if count > len(shown) else ""
    print(f"{output / 'index.html'}: {count} files{more}, scores of being fake from 0 to 1")
