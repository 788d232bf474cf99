"""Swap two people of a data set both ways; fakes and originals are laid out as a part of DFDC."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder
from facsimile.pipelines.places import output_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omegaconf import DictConfig

    from facsimile.data.dfdc_writing import PartVideo
    from facsimile.media.progress import FrameProgress
    from facsimile.pipelines.face_model import FaceModel
    from facsimile.pipelines.fakes_work import Finished
    from facsimile.pipelines.trained_swap import TrainedSwap
    from facsimile.rendering.clip import Tally
    from facsimile.rendering.segment import Segment

# by people.csv, which an original part of DFDC lacks
_MADE = Made(("people.csv",), ("metadata.json", "rejected.parquet", "*.mp4"))


@dataclass(frozen=True)
class _Cut:
    """A stretch of a clip, and the name of its real video in the part."""

    clip: str
    segment: Segment
    name: str


def run(cfg: DictConfig) -> None:
    """Fill `data/raw/fakes/A_B` or `output=` with the videos of `pair=[A,B]`.

    Real and fake videos are decoded once and encoded once, alike in cut, size, rate, codec and
    sound; the fakes are signed. What cannot be made stands in `rejected.parquet`. A killed run goes
    on with the video it was at.
    """
    from facsimile.data.dfdc_writing import write_part
    from facsimile.data.records import REJECTED
    from facsimile.data.tables import write_parquet
    from facsimile.pipelines.fakes_work import Finished, work_path
    from facsimile.pipelines.work_folder import work_folder

    _check(cfg)
    trained = _trained(cfg)
    output = output_folder(cfg, Path(cfg.paths.raw, "fakes", "_".join(cfg.pair)))
    _MADE.check(output)
    cuts = {person: _cuts(cfg, person) for person in cfg.pair}
    clips = [cut.segment.path for person in cfg.pair for cut in cuts[person]]
    with work_folder(work_path(cfg, trained.path, clips, output)) as work:
        finished = Finished(work)
        videos, rejected = _made(cfg, trained, cuts, finished)
        if not any(video.source for video in videos):
            raise UserError(f"no fake could be made of {output.name}: {rejected[0]['reason']}")
        with atomic_folder(output, _MADE) as folder:
            finished.move(folder)
            write_part(folder, videos)
            write_parquet(folder / "rejected.parquet", rejected, REJECTED)
        finished.clear()
    fakes = sum(bool(video.source) for video in videos)
    told = f"{len(videos) - fakes} real videos, {fakes} fakes"
    print(f"{output}: {told}, {len(rejected)} set aside", file=sys.stderr)


def _check(cfg: DictConfig) -> None:
    from facsimile.pipelines.render import CHOICES

    if cfg.pair is None or len(set(cfg.pair)) != 2 or len(cfg.pair) != 2:
        raise UserError(f"pair={cfg.pair}: give two people, as pair=[franck,cap]")
    if cfg.render.label is not None:
        raise UserError(
            "render.label marks the fakes alone: a detector would read it. Leave it out"
        )
    for key, choices in CHOICES.items():
        if cfg.render[key] not in choices:
            raise UserError(f"render.{key}={cfg.render[key]} must be {' or '.join(choices)}")


def _trained(cfg: DictConfig) -> TrainedSwap:
    """The swap of the pair: `checkpoint=`, or the study's."""
    from facsimile.pipelines.trained_swap import load_swap

    usual = Path(cfg.paths.experiments, "fakes/pairs", "_".join(cfg.pair), "swap/checkpoint.ckpt")
    chosen = cfg.copy()
    chosen.checkpoint = cfg.checkpoint or str(usual)
    trained = load_swap(chosen)
    if set(trained.subjects.values()) != set(cfg.pair):
        knows = " and ".join(trained.subjects.values())
        raise UserError(f"pair={list(cfg.pair)}: {trained.path} is a swap of {knows}")
    return trained


def _cuts(cfg: DictConfig, person: str) -> list[_Cut]:
    """The stretches of all clips of a person.

    Raises:
        UserError: The data set has no video of them, or they withdrew.
    """
    from hydra.utils import instantiate

    from facsimile.data.dfdc_writing import video_name
    from facsimile.data.forget import withdrawn
    from facsimile.data.video_cuts import video_cuts
    from facsimile.media.video import probe
    from facsimile.rendering.segment import Segment

    if person in withdrawn(Path(cfg.paths.data), cfg.data.name):
        raise UserError(f"pair={list(cfg.pair)}: {person} withdrew, and is not shown")
    cuts = []
    for clip in instantiate(cfg.data.dataset).clips():
        if clip.kind != "video" or clip.subject != person or clip.label:
            continue
        info = probe(clip.path)
        frames = info.frames or round((info.duration or 0) * info.frame_rate)
        for start, stop in video_cuts(frames, info.frame_rate, cfg.fakes.seconds, cfg.fakes.cuts):
            name = video_name(cfg.data.name, clip.clip, start, stop)
            cuts.append(_Cut(clip.clip, Segment(clip.path, start, stop), name))
    if not cuts:
        raise UserError(
            f"pair={list(cfg.pair)}: data={cfg.data.name} has no real video of {person}"
        )
    return cuts


def _made(
    cfg: DictConfig, trained: TrainedSwap, cuts: dict[str, list[_Cut]], finished: Finished
) -> tuple[list[PartVideo], list[dict[str, str]]]:
    """Make all videos; returns what is said of them, and rows of REJECTED."""
    from facsimile.media.progress import FrameProgress

    videos: list[PartVideo] = []
    rejected: list[dict[str, str]] = []
    with FrameProgress() as progress:
        for made in _videos(cfg, trained, cuts, finished, progress):
            if isinstance(made, dict):
                rejected.append(made)
            else:
                videos.append(made)
    return videos, rejected


def _videos(
    cfg: DictConfig,
    trained: TrainedSwap,
    cuts: dict[str, list[_Cut]],
    finished: Finished,
    progress: FrameProgress,
) -> Iterator[PartVideo | dict[str, str]]:
    """Make all videos; yields each, or a row of REJECTED."""
    from facsimile.data.dfdc_writing import PartVideo, video_name
    from facsimile.pipelines.face_model import of_trained

    for identity in ("src", "dst"):
        model = of_trained(cfg, trained, identity)
        target = str(model.target)
        for cut in cuts[target]:
            span = (cut.clip, cut.segment.start, int(cut.segment.stop or 0))
            finished.once(cut.name, partial(_write_real, cfg, cut, progress))
            yield PartVideo(cut.name, target, "", "", *span, 0.0)
            name = video_name(cut.name, model.source)
            made = finished.once(name, partial(_write_fake, cfg, model, cut, progress))
            if isinstance(made, str):
                where = f"{cut.clip}#{cut.segment.start:06d}"
                yield {"path": where, "reason": f"{model.source} on {target}: {made}"}
            else:
                yield PartVideo(name, target, model.source, cut.name, *span, made)


def _write_real(cfg: DictConfig, cut: _Cut, progress: FrameProgress, path: Path) -> float:
    """Encode the frames as those of a fake are; returns the share that shows a new face: none."""
    label = f"{path.name}: {cut.clip}"
    with cut.segment.viewable(path, cfg.render.codec, cfg.render.crf) as writer:
        for frame in progress.watch(cut.segment.frames(), label, cut.segment.count()):
            writer.write(frame.image)
    return 0.0


def _write_fake(
    cfg: DictConfig, model: FaceModel, cut: _Cut, progress: FrameProgress, path: Path
) -> float | str:
    """Render a fake; returns the share of frames that changed, or why it is none."""
    from facsimile.rendering.track import NoFace

    try:
        tally = _render(cfg, model, cut.segment, path, progress)
    except NoFace as error:
        return str(error)
    share = tally.faces / tally.frames
    if share < cfg.fakes.least_faces:
        path.unlink()
        return f"only {tally.faces} of {tally.frames} frames show a face"
    return share


def _render(
    cfg: DictConfig, model: FaceModel, segment: Segment, path: Path, progress: FrameProgress
) -> Tally:
    from hydra.utils import instantiate

    from facsimile.pipelines.renderer import renderer_of
    from facsimile.pipelines.signing import signer
    from facsimile.pipelines.stated import target_ground
    from facsimile.pipelines.target_person import choice_of
    from facsimile.rendering.clip import render_clip
    from facsimile.rendering.people import Publication

    sign = signer(model, segment.path, target_ground(cfg, segment.path, model.target))
    return render_clip(
        segment=segment,
        make_detector=partial(instantiate, cfg.detector),
        choose=choice_of(cfg, model.target, model.data),
        renderer=renderer_of(cfg, model.swapper, model.size, model.coverage),
        publication=Publication(sign, cfg.render.codec, cfg.render.crf),
        path=path,
        preview=None,
        progress=progress,
    )
