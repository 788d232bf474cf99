"""What `enhance` does to one file, picture or video, as conf/enhance chooses it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.media.files import sha256
from facsimile.media.sniff import HEAD, content, video_format

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.inference.enhance import Enhancer
    from facsimile.media.codecs import Codec
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.provenance.sign import Claim
    from facsimile.provenance.signed_copy import Sign
    from facsimile.rendering.enhanced_faces import FaceEnhancer

UNSTATED = "not stated; nobody is shown who was not in the input"


@dataclass(frozen=True)
class Work:
    """A net with all that decides its results.

    Args:
        enhancer: Restores images.
        faces: Restores the faces in them instead; None for all of the picture.
        claim: What is said of the results; the file that each is made of is added.
        key: Changes with all that changes a result.
        quality: Of a lossy picture, 1 to 100.
        codec: Of a video, as in `VideoWriter`.
        crf: Its quality, likewise.
    """

    enhancer: Enhancer
    faces: FaceEnhancer | None
    claim: Claim
    key: str
    quality: int = 95
    codec: Codec = "h264"
    crf: int = 18

    def file(self, source: Path, output: Path, progress: EnhanceProgress) -> str:
        """Write the signed result of a picture or video; returns what was done, in words.

        Raises:
            UserError: It is neither, cannot be read, or the output's name is for the other.
        """
        from facsimile.pipelines.enhance_picture import enhance_picture
        from facsimile.pipelines.enhance_video import enhance_video

        with source.open("rb") as file:
            head = file.read(HEAD)
        if video_format(head) is None:
            return enhance_picture(self, source, output, progress)
        if output.suffix.lower() != ".mp4":
            raise UserError(f"{source} is {content(head)}: its result is written to a name in .mp4")
        return enhance_video(self, source, output, progress)

    def sign(self, source: Path) -> Sign:
        """Give what signs a file that was made of this one."""
        from facsimile.provenance.sign import sign

        what = "the faces in" if self.faces else "all of"
        text = f"{what} {source.name} was restored by {self.claim.model}; its detail is invented"
        claim = replace(self.claim, description=text, parent=source)
        return partial(sign, claim=claim)


def restoration(cfg: DictConfig) -> Work:
    """What `checkpoint=` and conf/enhance choose.

    Raises:
        UserError: The checkpoint cannot be loaded, restores nothing, or enlarges, and only faces
            are wanted.
    """
    import torch

    from facsimile.inference.checkpoint import load_net
    from facsimile.inference.enhance import Enhancer

    path, chosen = Path(cfg.checkpoint), cfg.enhance
    net, meta = load_net(path, "enhancement")
    precision = None if chosen.precision == "float32" else torch.bfloat16
    enhancer = Enhancer(net, chosen.tile, chosen.overlap, precision)
    claim = _claim(cfg, path, meta)
    return Work(
        enhancer=enhancer,
        faces=_faces(cfg, enhancer) if chosen.area == "faces" else None,
        claim=claim,
        key=_key(cfg, claim),
        quality=chosen.quality,
        codec=chosen.codec,
        crf=chosen.crf,
    )


def _faces(cfg: DictConfig, enhancer: Enhancer) -> FaceEnhancer:
    from hydra.utils import instantiate

    from facsimile.rendering.enhanced_faces import FaceEnhancer

    if enhancer.scale != 1:  # faces are put back where they were
        raise UserError("enhance.area=faces: this net enlarges, which is done to all of a picture")
    return FaceEnhancer(enhancer.part, instantiate(cfg.detector))


def _claim(cfg: DictConfig, path: Path, meta: dict[str, Any]) -> Claim:
    from facsimile.inference.checkpoint import training_data
    from facsimile.provenance.sign import Claim

    return Claim(
        kind="enhancement",
        description="",
        model=str(meta.get("name") or path.stem),
        model_sha256=sha256(path),
        training_data=tuple(training_data(meta)),
        consent=cfg.consent or UNSTATED,
    )


def _key(cfg: DictConfig, claim: Claim) -> str:
    from omegaconf import OmegaConf

    sections = ["enhance", "detector"] if cfg.enhance.area == "faces" else ["enhance"]
    chosen = OmegaConf.to_container(OmegaConf.masked_copy(cfg, sections), resolve=False)
    told = json.dumps([chosen, claim.model_sha256, claim.consent], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
