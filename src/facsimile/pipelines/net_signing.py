"""What a net makes, signed: while it still learns, and of the images that it restores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.media.files import sha256
from facsimile.media.image import write_image

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

    from facsimile.provenance.sign import Claim
    from facsimile.provenance.signed_copy import Sign


def write_preview(
    path: Path, picture: UInt8[np.ndarray, "h w 3"], step: int, meta: Mapping[str, Any]
) -> None:
    """Write a signed picture of what a net that still learns makes of its faces.

    Args:
        path: A png.
        picture: RGB.
        step: Of the training.
        meta: The net's description, as it will stand in its checkpoint.
    """
    from facsimile.provenance.sign import sign
    from facsimile.provenance.signed_copy import signed_copy

    claim = _claim(meta, "the faces were made", f"unfinished, at step {step}")
    with signed_copy(path, partial(sign, claim=claim)) as unsigned:
        write_image(unsigned, picture)


def write_time_lapse(
    path: Path,
    pictures: Iterator[UInt8[np.ndarray, "h w 3"]],
    rate: float,
    meta: Mapping[str, Any],
) -> None:
    """Write such pictures, all of one size, as a signed H.264 video of so many a second."""
    from facsimile.media.video import VideoWriter
    from facsimile.provenance.sign import sign
    from facsimile.provenance.signed_copy import signed_copy

    claim = _claim(meta, "the faces were made", "unfinished, over its steps")
    first = next(pictures)
    height, width = first.shape[:2]
    with (
        signed_copy(path, partial(sign, claim=claim)) as unsigned,
        VideoWriter(unsigned, width, height, Fraction(rate)) as writer,
    ):
        for picture in chain([first], pictures):
            writer.write(picture)


def restored_signer(checkpoint: Path, meta: Mapping[str, Any]) -> Sign:
    """Give what signs a copy of a picture that shows images restored by a checkpoint's net."""
    from facsimile.provenance.sign import sign

    return partial(sign, claim=_claim(meta, "images were restored", digest=sha256(checkpoint)))


def _claim(
    meta: Mapping[str, Any], done: str, state: str | None = None, digest: str | None = None
) -> Claim:
    from facsimile.inference.checkpoint import grounds, training_data
    from facsimile.provenance.sign import Claim

    model = ", ".join(filter(None, (meta.get("name") or f"a net of task {meta['task']}", state)))
    return Claim(
        kind=meta["task"],
        description=f"{done} by {model}",
        model=model,
        model_sha256=digest,
        training_data=tuple(training_data(meta)),
        consent=grounds(meta) or "not stated",
    )
