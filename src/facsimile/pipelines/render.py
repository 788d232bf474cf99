"""Put swapped faces into videos: a recipe's held-out clips, or one of yours (input=, output=)."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.faces.align import field_of_view
from facsimile.media.files import atomic_folder, sha256
from facsimile.media.image import read_image
from facsimile.pipelines.face_model import face_model, is_dfm, of_trained
from facsimile.pipelines.held_out import still_path, target_segment
from facsimile.pipelines.places import RENDERED
from facsimile.pipelines.renderer import label_of, renderer_of
from facsimile.pipelines.resolve import recipe_folder
from facsimile.pipelines.signing import signer
from facsimile.pipelines.stated import target_ground
from facsimile.pipelines.target_person import choice_of, listed
from facsimile.pipelines.trained_swap import TrainedSwap, load_swap

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.data.records import Clip
    from facsimile.faces.detect import Detector
    from facsimile.inference.swap import Identity
    from facsimile.pipelines.face_model import FaceModel
    from facsimile.rendering.clip import Tally
    from facsimile.rendering.direction import Direction
    from facsimile.rendering.people import Publication
    from facsimile.rendering.render import Renderer
    from facsimile.rendering.segment import Segment

PACKAGE = Path(__file__).resolve().parents[1]
CODE = ("faces", "filters", "inference", "media", "models", "rendering")
CHOICES = {"codec": ("h264", "hevc", "ffv1"), "face": ("identity", "largest", "all")}
SECTIONS = ["data", "detector", "embedder", "render", "params", "consent"]


def run(cfg: DictConfig) -> None:
    """Render `input=` to `output=`, or without an input the recipe's held-out clips."""
    _check_settings(cfg)
    if cfg.input is None:
        _check_recipe(cfg)
        _render_recipe(cfg)
    else:
        _render_input(cfg)


def _check_settings(cfg: DictConfig) -> None:
    for key, choices in CHOICES.items():
        if cfg.render[key] not in choices:
            raise UserError(f"render.{key}={cfg.render[key]} must be {' or '.join(choices)}")
    _check_mask(cfg)


def _check_mask(cfg: DictConfig) -> None:
    """A recipe that leaves the net's own mask out would empty a choice of it, unseen."""
    from hydra.core.hydra_config import HydraConfig

    chosen = HydraConfig.get().runtime.choices.get("render/mask")
    if chosen in ("learned", "product") and cfg.render.mask.learned == "never":
        wish = "set render.mask.learned=always as well, or choose another mask"
        raise UserError(f"render.mask.learned=never empties render/mask={chosen}: {wish}")


def _check_recipe(cfg: DictConfig) -> None:
    if is_dfm(cfg):
        raise UserError("a .dfm belongs to no recipe: say what it renders, input=FILE output=FILE")
    for key in ("direction", "preview"):
        if cfg.render[key] is not None:
            raise UserError(
                f"render.{key}= is for input=: of a recipe both directions are rendered"
            )
    if cfg.render.face == "all":
        raise UserError("render.face=all is for input=: of a recipe one person is evaluated")


def _render_recipe(cfg: DictConfig) -> None:
    """Both directions into the recipe's render/, going on where a killed run stopped."""
    trained = load_swap(cfg)
    output = recipe_folder(cfg) / "render"  # where `evaluate` of the same output= looks
    RENDERED.check(output)
    directions = [_held_out(cfg, trained, "src"), _held_out(cfg, trained, "dst")]
    work = _work_folder(cfg, output, trained.path, directions)
    made = _made(directions, work)
    with atomic_folder(output, RENDERED) as folder:
        for part in ("lossless", "signed"):
            for path in sorted((work / part).glob("[!.]*")):  # a kill leaves hidden files
                (folder / part).mkdir(exist_ok=True)
                path.replace(folder / part / path.name)
    shutil.rmtree(work)
    print(f"rendered {', '.join(made)} into {output}")


def _made(directions: list[Direction], work: Path) -> list[str]:
    """Make each direction, and return the names of those whose clips show a face.

    Raises:
        NoFace: None does.
    """
    from facsimile.media.progress import FrameProgress
    from facsimile.rendering.track import NoFace

    refused = {}
    with FrameProgress() as progress:
        for direction in directions:
            try:
                direction.make(work, progress)
            except NoFace as error:
                refused[direction.name] = error
    if len(refused) == len(directions):
        raise next(iter(refused.values()))
    for name, reason in refused.items():
        print(f"{name} is set aside: {reason}", file=sys.stderr)
    return [one.name for one in directions if one.name not in refused]


def _render_input(cfg: DictConfig) -> None:
    """One clip of the user's."""
    from facsimile.media.progress import FrameProgress
    from facsimile.rendering.clip import render_clip
    from facsimile.rendering.segment import Segment

    source, output, preview, clip = _checked_paths(cfg)
    segment = Segment(source)
    ground = target_ground(cfg, source, clip.subject if clip else None, listed=clip is not None)
    model = face_model(cfg)
    choose = choice_of(
        cfg, *((clip.subject, cfg.data.name) if clip else (model.target, model.data))
    )
    with FrameProgress() as progress:
        tally = render_clip(
            segment=segment,
            make_detector=partial(_detector, cfg),
            choose=choose,
            renderer=renderer_of(cfg, model.swapper, model.size, model.coverage),
            publication=_publication(cfg, segment, model, ground),
            path=output,
            preview=preview,
            progress=progress,
        )
    _tell(tally, output)


def _tell(tally: Tally, output: Path) -> None:
    rate = float(tally.rate)
    print(f"{output}: {tally.frames} frames, a face replaced in {tally.faces}")
    if tally.others:
        print(f"{tally.others} frames show somebody else: left alone, as render.face= has it")
    print(f"{tally.speed:.1f} frames/s, {tally.real_time:.2f}x real time ({rate:.4g} frames/s)")
    if tally.uneven:
        print(
            f"the clip's frame rate varies: of the result, which has {rate:.4g} frames/s "
            f"throughout, a picture is up to {tally.drift:.2f} s beside the sound",
            file=sys.stderr,
        )


def _checked_paths(cfg: DictConfig) -> tuple[Path, Path, Path | None, Clip | None]:
    """Input, output, preview and the data set's word of a clip, or what is wrong with them."""
    source = Path(cfg.input)
    if not source.is_file():
        raise UserError(f"there is no video {source}: give input=FILE")
    if cfg.output is None:
        raise UserError("say where the result goes: output=FILE.mp4")
    output = _checked_result("output", cfg.output, ".mp4", source)
    chosen = cfg.render.preview
    preview = None if chosen is None else _checked_result("render.preview", chosen, ".png", source)
    return source, output, preview, listed(cfg, source)


def _checked_result(key: str, name: str, suffix: str, source: Path) -> Path:
    path = Path(name)
    if path.suffix.lower() != suffix:
        raise UserError(f"{key}={path} must end in {suffix}: only that carries the signature")
    if path.exists() and path.samefile(source):
        raise UserError(f"{key}={path} is the input: choose another name")
    return path


def _held_out(cfg: DictConfig, trained: TrainedSwap, identity: Identity) -> Direction:
    """The direction that puts this identity on the other's held-out clip."""
    from facsimile.rendering.direction import Direction

    model = of_trained(cfg, trained, identity)
    segment = target_segment(cfg, str(model.target))
    ground = target_ground(cfg, segment.path, model.target)
    return Direction(
        name=trained.direction(identity),
        segment=segment,
        make_detector=partial(_detector, cfg),
        swap=renderer_of(cfg, model.swapper, model.size, model.coverage),
        still=_still_renderer(cfg, still_path(cfg, model.source)),
        publication=_publication(cfg, segment, model, ground),
        choose=choice_of(cfg, model.target, model.data),
    )


def _still_renderer(cfg: DictConfig, path: Path) -> Renderer:
    """Of a crop of today's data set, whatever the net was trained on; it gives no mask."""
    from facsimile.inference.swap import StillSwapper

    still, today = StillSwapper(read_image(path)), cfg.params.extract
    renderer = renderer_of(cfg, still, today.image_size, field_of_view(today.coverage))
    mask = replace(renderer.look.mask, learned="never")
    return replace(renderer, look=replace(renderer.look, mask=mask))


def _detector(cfg: DictConfig) -> Detector:
    from hydra.utils import instantiate

    detector: Detector = instantiate(cfg.detector)
    return detector


def _publication(cfg: DictConfig, segment: Segment, model: FaceModel, ground: str) -> Publication:
    from facsimile.rendering.people import Publication

    sign = signer(model, segment.path, ground)
    return Publication(sign, cfg.render.codec, cfg.render.crf, label_of(cfg, segment.path))


def _work_folder(
    cfg: DictConfig, output: Path, checkpoint: Path, directions: list[Direction]
) -> Path:
    """What a killed run goes on from: keyed by all that the results depend on."""
    from omegaconf import OmegaConf

    chosen = OmegaConf.to_container(OmegaConf.masked_copy(cfg, SECTIONS))
    selected = Path(cfg.paths.selected, cfg.data.name, "selected.parquet")  # tells the looks
    files = [checkpoint, selected, *(one.segment.path for one in directions), *_code_files()]
    parts = [json.dumps(chosen, sort_keys=True), *(sha256(path) for path in files)]
    parts += [f"{one.name} {one.segment.start} {one.segment.stop}" for one in directions]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    if cfg.output is not None:
        return output.parent / f".{output.name}.{key}.partial"
    return Path(cfg.paths.work) / f"render-{key}"


def _code_files() -> list[Path]:
    return sorted(path for part in CODE for path in (PACKAGE / part).rglob("*.py"))
