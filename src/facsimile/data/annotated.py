"""Faces that a data set marks itself, and what a detector finds there."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from scipy.optimize import linear_sum_assignment

from facsimile.data.records import Annotation
from facsimile.faces.boxes import overlap
from facsimile.faces.detect import Detector, Face

MIN_OVERLAP = 0.3  # intersection over union: annotators draw other boxes than detectors
_SAME = 0.5  # two boxes that overlap so far are of one face
_SURROUNDINGS = 2.0  # of the marked box: detectors have seen faces with their surroundings


def marked(
    image: UInt8[np.ndarray, "h w 3"],
    faces: Sequence[Face],
    annotations: Sequence[Annotation],
    detector: Detector,
) -> tuple[list[tuple[int, Face]], list[str]]:
    """The marked faces with their labels, and a reason for each that is left out.

    A marked face that the whole image did not show is looked for again in its surroundings alone.
    No face gets two labels. One that is found but not marked has none, so it is left out too.

    Args:
        image: RGB.
        faces: What the detector found in it.
        annotations: What the data set marks.
        detector: Looks again.
    """
    pairs = _assigned(faces, annotations)
    labelled: list[tuple[int, Face]] = []
    reasons = []
    for number, annotation in enumerate(annotations):
        taken = [*faces, *(one for _, one in labelled)]
        known = number in pairs
        face = faces[pairs[number]] if known else _again(image, annotation, detector, taken)
        if face is None:
            x, y, width, height = (round(number) for number in annotation.bbox)
            place = f"at {x}, {y}, {width} x {height}"
            reasons.append(f"no face found where one is marked, {place}")
        else:
            labelled.append((annotation.label, face))
    strangers = set(range(len(faces))) - set(pairs.values())
    reasons += [f"a face at {_corner(faces[one])} is not marked" for one in sorted(strangers)]
    return labelled, reasons


def _assigned(faces: Sequence[Face], annotations: Sequence[Annotation]) -> dict[int, int]:
    """The place of a face for each annotation that one overlaps, the best assignment of all."""
    if not faces or not annotations:
        return {}
    shared = np.array([[overlap(mark.bbox, face.bbox) for face in faces] for mark in annotations])
    rows, columns = linear_sum_assignment(-shared)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in pairs if shared[row, column] >= MIN_OVERLAP}


def _again(
    image: UInt8[np.ndarray, "h w 3"],
    annotation: Annotation,
    detector: Detector,
    taken: Sequence[Face],
) -> Face | None:
    x, y, width, height = annotation.bbox
    grown = max(width, height) * _SURROUNDINGS
    left, top = (int(max(0, c - grown / 2)) for c in (x + width / 2, y + height / 2))
    part = image[top : top + int(grown) + 1, left : left + int(grown) + 1]
    if not part.size:
        return None
    found = [face.moved(float(left), float(top)) for face in detector(np.ascontiguousarray(part))]
    found = [one for one in found if not any(overlap(one.bbox, t.bbox) > _SAME for t in taken)]
    best = max(found, key=lambda one: overlap(one.bbox, annotation.bbox), default=None)
    near = best is not None and overlap(best.bbox, annotation.bbox) >= MIN_OVERLAP
    return best if near else None


def _corner(face: Face) -> str:
    return f"{face.bbox[0]:.0f}, {face.bbox[1]:.0f}"
