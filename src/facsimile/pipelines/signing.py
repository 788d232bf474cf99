"""What is said of a swap's pictures and videos, signed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.media.files import sha256
from facsimile.pipelines.stated import stated

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.pipelines.face_model import FaceModel
    from facsimile.rendering.people import Sign


def signer(cfg: DictConfig, model: FaceModel, target: Path, subject: str | None) -> Sign:
    """Give what signs a copy of a file that shows the model's face on frames of `target`.

    The ground is that of the target, as stated now, or else of its `subject` in the data set's
    configuration, and that of the model, as its file states it.
    """
    from facsimile.provenance.sign import Claim, sign

    claim = Claim(
        kind="swap",
        description=f"the face in {target.name} was replaced by a synthetic face of {model.source}",
        model=model.name,
        model_sha256=sha256(model.path),
        training_data=model.training_data or ("unknown",),
        consent=_grounds(cfg.consent or stated(cfg.data, subject, "consent"), model.consent),
        ingredients=(target,),
    )
    return partial(sign, claim=claim)


def _grounds(targets: str, models: str | None) -> str:
    return targets if models in (None, targets) else f"{targets}; of the model: {models}"
