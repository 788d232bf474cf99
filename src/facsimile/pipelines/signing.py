"""What is said of a swap's pictures and videos, signed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.media.files import sha256

if TYPE_CHECKING:
    from facsimile.pipelines.face_model import FaceModel
    from facsimile.provenance.signed_copy import Sign


def signer(model: FaceModel, target: Path, ground: str) -> Sign:
    """Give what signs a copy of a file that shows the model's face on frames of `target`.

    It states the `ground` on which the target's person is shown, and that of the model, as its
    file states it.
    """
    from facsimile.provenance.sign import Claim, sign

    claim = Claim(
        kind="swap",
        description=f"the face in {target.name} was replaced by a synthetic face of {model.source}",
        model=model.name,
        model_sha256=sha256(model.path),
        training_data=model.training_data or ("unknown",),
        consent=_grounds(ground, model.consent),
        ingredients=(target,),
    )
    return partial(sign, claim=claim)


def _grounds(targets: str, models: str | None) -> str:
    return targets if models in (None, targets) else f"{targets}; of the model: {models}"
