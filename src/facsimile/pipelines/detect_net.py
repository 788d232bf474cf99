"""A trained detector as `detect` uses it: with all that decides its scores."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.media.files import sha256
from facsimile.pipelines.resolve import detector_settings

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import nn

    from facsimile.data.extraction import Extraction

FRAME_SCORE = "the highest score of its faces"
FILE_SCORE = "the mean of its frames' scores"


@dataclass(frozen=True)
class DetectorNet:
    """A trained detector with all that decides its scores.

    Args:
        net: Faces to logits.
        size: Side of the squares that it was trained on, pixels.
        extraction: Finds and aligns faces as before its training.
        frames: Of a video that are looked at; None for all.
        maps: Heat maps of a file.
        description: What is told of all this.
    """

    net: nn.Module
    size: int
    extraction: Extraction
    frames: int | None
    maps: int
    description: dict[str, Any]


def detector_net(cfg: DictConfig) -> DetectorNet:
    """What `checkpoint=` and conf/detect choose.

    Raises:
        UserError: The checkpoint cannot be loaded, or is of another task.
    """
    from hydra.utils import instantiate

    from facsimile.data.extraction import Extraction
    from facsimile.faces.align import field_of_view
    from facsimile.inference.checkpoint import load_net

    path = Path(cfg.checkpoint)
    net, meta = load_net(path, "detection")
    if meta["detector"] != detector_settings(cfg):
        print(
            f"{path} was trained on faces found otherwise, by {meta['detector']}; "
            f"they are looked for by {detector_settings(cfg)}",
            file=sys.stderr,
        )
    limit = cfg.params.extract.time_limit
    extraction = Extraction(
        [instantiate(cfg.detector)],
        int(meta["image_size"]),
        field_of_view(meta["coverage"]),
        frames=cfg.detect.frames,
        time_limit=None if limit is None else float(limit),
    )
    size = int(meta["crop_size"])
    chosen = cfg.detect
    told = _description(cfg, path, meta)
    return DetectorNet(net, size, extraction, chosen.frames, chosen.maps, told)


def _description(cfg: DictConfig, path: Path, meta: dict[str, Any]) -> dict[str, Any]:
    from importlib.metadata import version

    from facsimile.inference.checkpoint import training_data

    shared = {key: meta[key] for key in ("net", "image_size", "coverage", "crop_size")}
    return {
        "facsimile": version("facsimile"),
        "model": {
            "name": str(meta.get("name") or path.stem),
            "sha256": sha256(path),
            "training_data": training_data(meta),
            **shared,
        },
        "settings": {
            "detector": detector_settings(cfg),
            "frames": cfg.detect.frames,
            "score_of_a_frame": FRAME_SCORE,
            "score_of_a_file": FILE_SCORE,
        },
    }
