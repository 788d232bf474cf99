"""What puts new faces into frames, as conf/render chooses it."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.faces.align import FaceType
    from facsimile.inference.swap import Swapper
    from facsimile.rendering.label import Label
    from facsimile.rendering.look import Look
    from facsimile.rendering.render import Renderer

PARTS = ("presharpen", "mask", "colour", "detail", "blend")


def renderer_of(
    cfg: DictConfig, swapper: Swapper, size: int, coverage: float | FaceType
) -> Renderer:
    """The renderer of a swapper that takes crops of this size and field of view."""
    from hydra.utils import instantiate

    from facsimile.rendering.render import Renderer

    smoothing = instantiate(cfg.render.smoothing)
    return Renderer(swapper, size, coverage, look_of(cfg), cfg.render.batch_size, smoothing)


def label_of(cfg: DictConfig, clip: Path) -> Label | None:
    """The words in each frame, if any are wanted; tells where the frames are too small for them."""
    from facsimile.media.video import probe
    from facsimile.rendering.label import Label

    if cfg.render.label is None:
        return None
    label, size = Label(cfg.render.label), probe(clip)
    if not label.legible(size.width, size.height):
        print(
            f"render.label in {clip}: at {size.width} x {size.height} pixels its letters are too "
            "small to be read; give fewer words",
            file=sys.stderr,
        )
    return label


def look_of(cfg: DictConfig) -> Look:
    """What is to be done with a face."""
    from hydra.utils import instantiate

    from facsimile.rendering.look import Look

    parts = {part: _direct(instantiate(cfg.render[part])) for part in PARTS}
    mask = replace(parts["mask"], shape=_direct(parts["mask"].shape))
    return Look(**parts | {"mask": mask})


def _direct(part: Any) -> Any:
    """The function itself: Hydra's would be checked anew in each call, 0.2 ms every time."""
    is_function = isinstance(part, partial)
    return partial(part.func, *part.args, **part.keywords) if is_function else part
