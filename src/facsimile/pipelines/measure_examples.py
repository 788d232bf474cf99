"""The least and the most alike frames of a measurement: marked, signed, and told of in words."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.media.files import sha256

if TYPE_CHECKING:
    from facsimile.evaluation.measure import Measured
    from facsimile.evaluation.measure_items import Item
    from facsimile.evaluation.measure_pictures import Extremes
    from facsimile.pipelines.measure_work import Work
    from facsimile.provenance.signed_copy import Sign

LABEL = "ANALYSIS"
UNSTATED = "not stated; nobody is shown who was not in the files measured"


def write_examples(
    folder: Path, work: Work, extremes: Extremes, consent: str | None
) -> dict[str, str]:
    """Write a signed jpg of each; returns their names, and what they show.

    A side whose file says of itself that it is synthetic is marked so; so is the manifest.

    Args:
        folder: Where they are written, if there are any.
        work: What was measured.
        extremes: Which pairs of frames.
        consent: On what ground the people are shown; None where it was not said.
    """
    shown = {"least": extremes.least, "most": extremes.most}
    if extremes.most is extremes.least:
        del shown["most"]
    items = {item.name: item for item in work.items}
    told = {}
    for word, measured in shown.items():
        if measured is not None:
            item = items[measured.record["item"]]
            _write(folder / f"{word}_alike.jpg", measured, item, consent or UNSTATED)
            told[f"{word}_alike.jpg"] = _caption(word, measured)
    return told


def _write(path: Path, measured: Measured, item: Item, consent: str) -> None:
    from facsimile.evaluation.measure_pictures import triptych
    from facsimile.media.image import write_image
    from facsimile.provenance.signed_copy import signed_copy
    from facsimile.provenance.synthetic import says_synthetic
    from facsimile.rendering.label import Label

    reference, distorted = (says_synthetic(one) for one in (item.reference, item.distorted))
    picture = triptych(measured, (reference, distorted))
    with signed_copy(path, _signer(measured, item, consent, reference or distorted)) as unsigned:
        write_image(unsigned, Label(LABEL)(picture))


def _signer(measured: Measured, item: Item, consent: str, synthetic: bool) -> Sign:
    from facsimile.provenance.sign import Claim, sign

    sides = zip(
        ("reference_frame", "distorted_frame"), (item.reference, item.distorted), strict=True
    )
    told = " and ".join(
        f"frame {measured.record[key]} of {path.name} (SHA-256 {sha256(path)})"
        for key, path in sides
    )
    claim = Claim(
        kind="measurement",
        description=f"{told}, made smaller, and where they differ; nothing else was changed",
        model="facsimile measure",
        model_sha256=None,
        training_data=(),
        consent=consent,
        shows_synthetic=synthetic,
    )
    return partial(sign, claim=claim)


def _caption(word: str, measured: Measured) -> str:
    record = measured.record
    return (
        f"The {word} alike: {record['item']}, frame {record['reference_frame']}, SSIM "
        f"{record['frame/ssim_rgb']:.4f}. Reference with the face's box, distorted, and where "
        "they differ: black is unlike."
    )
