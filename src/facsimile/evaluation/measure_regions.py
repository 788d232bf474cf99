"""Face and background of a frame that is measured, and whose face is compared with whose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, UInt8

from facsimile.evaluation.measure_matching import Pair
from facsimile.evaluation.recognition import Detect, Embedder
from facsimile.faces.boxes import overlap
from facsimile.faces.detect import Face
from facsimile.metrics.ssim import WINDOW

Image = UInt8[np.ndarray, "h w 3"]
Area = tuple[slice, slice]

SAME_PLACE = 0.3  # intersection over union from which on two faces are one person's
NO_FACE = "no face is found in the reference frame"
SMALL_FACE = f"the face is smaller than {WINDOW}x{WINDOW} pixels"
NO_PARTNER = "no face is found at its place in the distorted frame"
NOT_SOUGHT = "faces are not looked for: measure.faces=false"


@dataclass(frozen=True)
class Eyes:
    """A detector and an embedder; one instance serves one thread at a time.

    Args:
        detector: Finds faces.
        embedder: Says whose a face is, in every so many-th frame.
        every: That number.
    """

    detector: Detect
    embedder: Embedder
    every: int = 1


@dataclass(frozen=True)
class Regions:
    """Where the face of a frame is, and where none is.

    `area` is the box of the reference's foremost face, `background` what lies outside the boxes of
    all faces found in either frame; both None without one, with the reason in `missing`. `faces`
    are the distorted and the reference's own, the first None with the reason in `unmatched`.
    `counts` are the faces found in them.
    """

    area: Area | None = None
    background: Bool[np.ndarray, "h w"] | None = None
    faces: tuple[Face | None, Face | None] = (None, None)
    counts: tuple[int, int] = (0, 0)
    missing: str = ""
    unmatched: str = ""


def regions_of(pair: Pair, eyes: Eyes | None) -> Regions:
    """Find the faces of both frames."""
    if eyes is None:
        return Regions(missing=NOT_SOUGHT, unmatched=NOT_SOUGHT)
    theirs, ours = (eyes.detector(image) for image in pair.images)
    counts = len(theirs), len(ours)
    if not ours:
        return Regions(counts=counts, missing=NO_FACE, unmatched=NO_FACE)
    shape = pair.reference.image.shape
    area = _area(ours[0], shape)
    partner = max(theirs, key=lambda face: overlap(face.bbox, ours[0].bbox), default=None)
    if partner is not None and overlap(partner.bbox, ours[0].bbox) < SAME_PLACE:
        partner = None
    unmatched = "" if partner else NO_PARTNER
    if min(area[0].stop - area[0].start, area[1].stop - area[1].start) < WINDOW:
        return Regions(None, None, (partner, ours[0]), counts, SMALL_FACE, unmatched)
    background = _outside([*ours, *theirs], shape)
    kept = background if background.any() else None
    return Regions(area, kept, (partner, ours[0]), counts, "", unmatched)


def map_area(area: Area) -> Area:
    """Where in a map of the frame the windows wholly within an area are."""
    rows, columns = (slice(side.start, side.stop - WINDOW + 1) for side in area)
    return rows, columns


def _area(face: Face, shape: Sequence[int]) -> Area:
    x, y, width, height = face.bbox
    left, top = max(round(x), 0), max(round(y), 0)
    right, bottom = min(round(x + width), shape[1]), min(round(y + height), shape[0])
    return slice(top, max(bottom, top)), slice(left, max(right, left))


def _outside(faces: Sequence[Face], shape: Sequence[int]) -> Bool[np.ndarray, "h w"]:
    background = np.ones(shape[:2], bool)
    for face in faces:
        background[_area(face, shape)] = False
    return background


def embeddings(
    pair: Pair, regions: Regions, eyes: Eyes
) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, " d"]] | None:
    """Of the distorted face and the reference's; None where one is missing or none looks."""
    theirs, ours = regions.faces
    if theirs is None or ours is None or pair.reference.index % eyes.every:
        return None
    distorted, reference = pair.images
    return eyes.embedder(distorted, theirs.landmarks), eyes.embedder(reference, ours.landmarks)
