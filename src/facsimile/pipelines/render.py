"""Put swapped faces into videos: a recipe's held-out clips, or one of yours (input=, output=)."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.faces.align import field_of_view
from facsimile.media.files import atomic_folder, sha256
from facsimile.media.image import read_image
from facsimile.pipelines.held_out import held_out_segment, still_path
from facsimile.pipelines.places import RENDERED
from facsimile.pipelines.resolve import recipe_folder
from facsimile.pipelines.trained_swap import TrainedSwap, identity_of, load_swap

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.faces.align import FaceType
    from facsimile.faces.detect import Detector
    from facsimile.inference.swap import Identity, Swapper
    from facsimile.rendering.direction import Direction
    from facsimile.rendering.people import Sign
    from facsimile.rendering.render import Renderer

PACKAGE = Path(__file__).resolve().parents[1]
CODE = ("faces", "filters", "inference", "media", "models", "rendering")
CHOICES: dict[str, Sequence[str | int]] = {
    "mask": ("tight", "ellipse"),
    "colour": ("rct", "none"),
    "batch_size": range(1, 1025),
    "crf": range(52),
}
SECTIONS = ["data", "detector", "render", "params", "consent"]


def run(cfg: DictConfig) -> None:
    """Render `input=` to `output=`, or without an input the recipe's held-out clips."""
    _check_settings(cfg)
    if cfg.input is None:
        _render_recipe(cfg)
    else:
        _render_input(cfg)


def _check_settings(cfg: DictConfig) -> None:
    for key, choices in CHOICES.items():
        if cfg.render[key] not in choices:
            allowed = " or ".join(map(str, choices)) if len(choices) < 5 else f"in {choices}"
            raise UserError(f"render.{key}={cfg.render[key]} must be {allowed}")


def _render_recipe(cfg: DictConfig) -> None:
    """Both directions into the recipe's render/, going on where a killed run stopped."""
    from facsimile.media.progress import FrameProgress

    trained = load_swap(cfg)
    output = recipe_folder(cfg) if cfg.output is not None else recipe_folder(cfg) / "render"
    RENDERED.check(output)
    directions = [_held_out(cfg, trained, "src"), _held_out(cfg, trained, "dst")]
    work = _work_folder(cfg, output, trained.path, directions)
    with FrameProgress() as progress:
        for direction in directions:
            direction.make(work, progress)
    with atomic_folder(output, RENDERED) as folder:
        for part in ("lossless", "signed"):
            for path in sorted((work / part).glob("[!.]*")):  # a kill leaves hidden files
                (folder / part).mkdir(exist_ok=True)
                path.replace(folder / part / path.name)
    shutil.rmtree(work)
    print(f"rendered {', '.join(one.name for one in directions)} into {output}")


def _render_input(cfg: DictConfig) -> None:
    """One clip of the user's."""
    from facsimile.media.progress import FrameProgress
    from facsimile.rendering.clip import render_clip
    from facsimile.rendering.segment import Segment

    source, output, preview = _checked_paths(cfg)
    trained = load_swap(cfg)
    identity = identity_of(cfg.render.direction, trained.subjects)
    with FrameProgress() as progress:
        tally = render_clip(
            segment=Segment(source),
            make_detector=partial(_detector, cfg),
            renderer=_renderer(cfg, _swapper(trained, identity), trained.coverage),
            crf=cfg.render.crf,
            sign=_signing(cfg, trained, trained.direction(identity), source),
            path=output,
            preview=preview,
            progress=progress,
        )
    print(f"{output}: {tally.frames} frames, a face in {tally.faces}")


def _checked_paths(cfg: DictConfig) -> tuple[Path, Path, Path | None]:
    """Input, output and preview of a clip, or a message that says what is wrong with them."""
    from facsimile.provenance.consent import require_consent

    source = Path(cfg.input)
    if not source.is_file():
        raise UserError(f"there is no video {source}: give input=FILE")
    if cfg.output is None:
        raise UserError("say where the result goes: output=FILE.mp4")
    output = _checked_result("output", cfg.output, ".mp4", source)
    chosen = cfg.render.preview
    preview = None if chosen is None else _checked_result("render.preview", chosen, ".png", source)
    # listed only where it matters: of a large data set that takes long
    described = not cfg.consent and _described(cfg, source)
    require_consent(cfg.consent, described, source)
    return source, output, preview


def _checked_result(key: str, name: str, suffix: str, source: Path) -> Path:
    path = Path(name)
    if path.suffix.lower() != suffix:
        raise UserError(f"{key}={path} must end in {suffix}: only that carries the signature")
    if path.exists() and path.samefile(source):
        raise UserError(f"{key}={path} is the input: choose another name")
    return path


def _described(cfg: DictConfig, path: Path) -> bool:
    """Whether the data set whose config states licence and consent lists this very file."""
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    file = path.resolve()
    if not cfg.data.consent:  # of data=folder, until it is said
        return False
    try:
        clips = instantiate(cfg.data.dataset).clips()
        return any(Path(clip.path).resolve() == file for clip in clips)
    except (UserError, InstantiationException):  # a data set that is not there lists nothing
        return False


def _held_out(cfg: DictConfig, trained: TrainedSwap, identity: Identity) -> Direction:
    """The direction that puts this identity on the other's held-out clip."""
    from facsimile.inference.swap import StillSwapper
    from facsimile.rendering.direction import Direction

    target = trained.subjects["dst" if identity == "src" else "src"]
    segment = held_out_segment(cfg, target)
    still = read_image(still_path(cfg, trained.subjects[identity]))
    name = trained.direction(identity)
    return Direction(
        name=name,
        segment=segment,
        make_detector=partial(_detector, cfg),
        swap=_renderer(cfg, _swapper(trained, identity), trained.coverage),
        # the still is a crop of today's data set, whatever the net was trained on
        still=_renderer(cfg, StillSwapper(still), field_of_view(cfg.params.extract.coverage)),
        crf=cfg.render.crf,
        sign=_signing(cfg, trained, name, segment.path),
    )


def _swapper(trained: TrainedSwap, identity: Identity) -> Swapper:
    from facsimile.inference.precision import autocast_dtype
    from facsimile.inference.swap import AutoencoderSwapper

    resolution = int(trained.meta["net"]["resolution"])
    return AutoencoderSwapper(trained.net, identity, resolution, autocast_dtype())


def _renderer(cfg: DictConfig, swapper: Swapper, coverage: float | FaceType) -> Renderer:
    from facsimile.rendering.composite import Look
    from facsimile.rendering.render import Renderer

    chosen = cfg.render
    look = Look(chosen.mask, chosen.colour)
    return Renderer(swapper, cfg.params.extract.image_size, coverage, look, chosen.batch_size)


def _detector(cfg: DictConfig) -> Detector:
    from hydra.utils import instantiate

    detector: Detector = instantiate(cfg.detector)
    return detector


def _signing(cfg: DictConfig, trained: TrainedSwap, direction: str, target: Path) -> Sign:
    """What signs a result, with all that is to be said of it."""
    from facsimile.provenance.sign import Claim, sign

    source = direction.partition("_to_")[0]
    claim = Claim(
        kind="swap",
        description=f"the face in {target.name} was replaced by a synthetic face of {source}",
        model=str(trained.meta.get("name") or trained.path.stem),
        model_sha256=sha256(trained.path),
        training_data=tuple(
            f"{trained.meta.get('data')}/{subject}" for subject in trained.subjects.values()
        ),
        consent=str(cfg.consent or cfg.data.consent),
        ingredients=(target,),
    )
    return partial(sign, claim=claim)


def _work_folder(
    cfg: DictConfig, output: Path, checkpoint: Path, directions: list[Direction]
) -> Path:
    """What a killed run goes on from: keyed by all that the results depend on."""
    from omegaconf import OmegaConf

    chosen = OmegaConf.to_container(OmegaConf.masked_copy(cfg, SECTIONS))
    files = [checkpoint, *(one.segment.path for one in directions), *_code_files()]
    parts = [json.dumps(chosen, sort_keys=True), *(sha256(path) for path in files)]
    parts += [f"{one.name} {one.segment.start} {one.segment.stop}" for one in directions]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    if cfg.output is not None:
        return output.parent / f".{output.name}.{key}.partial"
    return Path(cfg.paths.work) / f"render-{key}"


def _code_files() -> list[Path]:
    return sorted(path for part in CODE for path in (PACKAGE / part).rglob("*.py"))
