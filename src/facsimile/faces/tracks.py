"""Faces through the frames of a clip: linked into tracks, and followed between two detections."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Complex128, Float, Float32, UInt8
from scipy.optimize import linear_sum_assignment

from facsimile.faces.boxes import overlap, overlaps
from facsimile.faces.detect import Face, prominence

Image = UInt8[np.ndarray, "_ _ 3"]
Path = Float32[np.ndarray, "frames 5 2"]

_LEAST_OVERLAP = 0.2
_GROWTH = 2.0  # a face does not get this much larger or smaller from one frame to the next
_MOVE = 1.5  # nor does its middle move so many of its own sizes
_CROWDED = 0.5  # two faces of one frame that cover each other so far are one, seen twice

_GREY_SIZE = 24.0  # faces are followed in pictures in which they are hardly larger than this
_WINDOW, _LEVELS = (21, 21), 2  # of Lucas and Kanade's method
_MARGIN, _WIDE_MARGIN = 0.2, 0.6  # round the boxes, in the longer side of all
_ASTRAY = 0.15  # where the ways from before and behind differ by this, in sizes, none is believed


class Tracks:
    """Numbers the faces of a clip so that one face keeps its number from frame to frame.

    Deterministic; frames are given in their order. Only places are compared, not looks: another
    person at the same place after a cut keeps the number, and a person who comes back later gets
    a new one.

    Args:
        max_gap: So many frames in succession may lack a face before its track ends.
    """

    def __init__(self, max_gap: int = 10) -> None:
        self.max_gap = max_gap
        self._frame = self._number = 0
        self._last: dict[int, tuple[int, Face]] = {}

    def link(self, faces: list[Face]) -> list[int]:
        """The track of each face of the next frame, numbered from 0 as they come."""
        self._frame += 1
        oldest = self._frame - self.max_gap - 1
        self._last = {track: seen for track, seen in self._last.items() if seen[0] >= oldest}
        live = list(self._last)
        known = {new: live[old] for old, new in match([f for _, f in self._last.values()], faces)}
        numbers = [known[place] if place in known else self._new() for place in range(len(faces))]
        self._last |= {n: (self._frame, face) for n, face in zip(numbers, faces, strict=True)}
        return numbers

    @property
    def live(self) -> set[int]:
        """Those that a face of the next frame may belong to."""
        return set(self._last)

    def _new(self) -> int:
        self._number += 1
        return self._number - 1


def match(before: Sequence[Face], after: Sequence[Face]) -> list[tuple[int, int]]:
    """Which face is which in a later frame: places in both lists, each at most once.

    The assignment of the greatest total overlap; faces that hardly overlap, or whose landmarks
    have moved or grown too much, are different ones.
    """
    if not before or not after:
        return []
    shared = np.array([[_shared(old, new) for new in after] for old in before])
    if shared.size == 1:  # the usual case; the assignment would take longer than all else
        return [(0, 0)] if shared[0, 0] > 0 else []
    rows, columns = linear_sum_assignment(-shared)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(row, column) for row, column in pairs if shared[row, column] > 0]


def _shared(before: Face, after: Face) -> float:
    """Overlap of the boxes; 0 where it is too little, or the landmarks moved or grew too much."""
    size, later = _size(before.landmarks), _size(after.landmarks)
    x, y = (_middle(after.landmarks) - _middle(before.landmarks)).tolist()
    moved = math.hypot(x, y) > _MOVE * max(size, later)
    if moved or size > _GROWTH * later or later > _GROWTH * size:
        return 0.0
    shared = overlap(before.bbox, after.bbox)
    return shared if shared >= _LEAST_OVERLAP else 0.0


def follow(images: Sequence[Image], first: list[Face], last: list[Face]) -> list[list[Face] | None]:
    """The faces of the frames between two in which faces were detected.

    The five points are followed by pyramidal Lucas-Kanade (Bouguet 2000) from the first frame
    forwards and from the last one backwards, in a small grey picture round each face, and the two
    ways blended linearly; box and dense landmarks go with the points, the score is blended. A face
    that is in one of the two frames only is followed as long as its points lead back to where they
    started (Kalal et al. 2010). A face that is in neither is not seen.

    Args:
        images: RGB frames of one size, from the first to the last detection's, both included.
        first: Faces of `images[0]`.
        last: Faces of `images[-1]`.

    Returns:
        For each of `images[1:-1]` its faces, the most prominent first; None where a face was lost,
        so that the faces of this frame must be detected.
    """
    pairs = match(first, last)
    old, new = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    ways = [_between(images, first[one], last[two]) for one, two in pairs]
    ways += [_onwards(images, face) for place, face in enumerate(first) if place not in old]
    ways += [
        _onwards(images[::-1], face)[::-1] for place, face in enumerate(last) if place not in new
    ]
    return [_together([way[frame] for way in ways]) for frame in range(len(images) - 2)]


def _together(faces: list[Face | None]) -> list[Face] | None:
    sure = [face for face in faces if face is not None]
    if len(sure) < len(faces):
        return None
    if len(sure) > 1:
        boxes = _boxes(sure)
        if (np.triu(overlaps(boxes, boxes), 1) > _CROWDED).any():
            return None
    return sorted(sure, key=prominence, reverse=True)


def _between(images: Sequence[Image], first: Face, last: Face) -> list[Face | None]:
    view = _View(images, [first, last], _MARGIN)
    forward = view.way(first.landmarks, view.greys)
    backward = view.way(last.landmarks, view.greys[::-1])[::-1]
    apart = np.linalg.norm(forward - backward, axis=-1).max(1)
    limit = _ASTRAY * max(_size(first.landmarks), _size(last.landmarks))
    faces: list[Face | None] = []
    for frame in range(1, len(images) - 1):
        share = frame / (len(images) - 1)
        points = (1 - share) * forward[frame] + share * backward[frame]
        sure = apart[frame] <= limit  # not so where either way was lost: nan
        faces.append(_blend(_moved(first, points), _moved(last, points), share) if sure else None)
    return faces


def _onwards(images: Sequence[Image], face: Face) -> list[Face | None]:
    view = _View(images, [face], _WIDE_MARGIN)
    way = view.way(face.landmarks, view.greys)
    limit = _ASTRAY * _size(face.landmarks)
    faces: list[Face | None] = []
    for frame in range(1, len(images) - 1):
        if not np.isfinite(way[frame]).all():
            break
        back = view.way(way[frame], view.greys[frame::-1])[-1]
        if not np.linalg.norm(back - face.landmarks, axis=-1).max() <= limit:
            break
        faces.append(_moved(face, way[frame]))
    return faces + [None] * (len(images) - 2 - len(faces))


class _View:
    """Small grey pictures of one part of all frames."""

    def __init__(self, images: Sequence[Image], faces: list[Face], margin: float) -> None:
        boxes = _boxes(faces)
        low, high = boxes[:, :2].min(0), (boxes[:, :2] + boxes[:, 2:]).max(0)
        around = margin * float((high - low).max())
        height, width = images[0].shape[:2]
        self._step = max(1, int(_size(faces[0].landmarks) / _GREY_SIZE))
        left, top = np.clip(low - around, 0, [width - 1, height - 1]).astype(int).tolist()
        self._left, self._top = left, top
        columns, rows = np.minimum(high + around, [width, height]) - [self._left, self._top]
        self._size = (max(1, int(columns) // self._step), max(1, int(rows) // self._step))
        self.greys = [self._grey(image) for image in images]

    def _grey(self, image: Image) -> UInt8[np.ndarray, "h w"]:
        width, height = (side * self._step for side in self._size)
        part = image[self._top : self._top + height, self._left : self._left + width]
        grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
        # By a whole number: OpenCV's mean over areas is many times faster then.
        return np.asarray(cv2.resize(grey, self._size, interpolation=cv2.INTER_AREA), np.uint8)

    def way(self, start: Float32[np.ndarray, "5 2"], greys: list[UInt8[np.ndarray, "h w"]]) -> Path:
        """Where points of the first picture are in all, in image pixels; nan once one is lost."""
        corner = np.array([self._left, self._top], np.float32)
        way = np.full((len(greys), 5, 2), np.nan, np.float32)
        way[0] = (start - corner + 0.5) / self._step - 0.5
        for frame, (grey, following) in enumerate(zip(greys, greys[1:], strict=False)):
            points, found, _ = cv2.calcOpticalFlowPyrLK(
                grey, following, way[frame], way[frame].copy(), winSize=_WINDOW, maxLevel=_LEVELS
            )
            if not np.all(found):
                break
            way[frame + 1] = points
        return np.asarray((way + 0.5) * self._step - 0.5 + corner, np.float32)


def _moved(face: Face, points: Float32[np.ndarray, "5 2"]) -> Face:
    """The face with its points elsewhere, box and dense landmarks carried along.

    Places as complex numbers: z -> turn * z is every turn and scale, least squares in closed form.
    """
    before, after = _complex(face.landmarks), _complex(points)
    middle, new_middle = before.mean(), after.mean()
    spread = np.vdot(before - middle, before - middle).real
    turn = np.vdot(before - middle, after - new_middle) / max(spread, 1e-12)
    x, y, width, height = face.bbox
    centre = turn * (complex(x + width / 2, y + height / 2) - middle) + new_middle
    width, height = float(width * abs(turn)), float(height * abs(turn))
    bbox = (float(centre.real) - width / 2, float(centre.imag) - height / 2, width, height)
    dense = None
    if face.dense is not None:
        moved = turn * (_complex(face.dense) - middle) + new_middle
        dense = np.stack([moved.real, moved.imag], 1).astype(np.float32)
    return Face(bbox, np.asarray(points, np.float32), face.score, dense)


def _complex(points: Float32[np.ndarray, "n 2"]) -> Complex128[np.ndarray, " n"]:
    return points[:, 0].astype(np.float64) + 1j * points[:, 1]


def _blend(before: Face, after: Face, share: float) -> Face:
    boxes = (1 - share) * np.array(before.bbox) + share * np.array(after.bbox)
    x, y, width, height = boxes.tolist()
    dense = before.dense
    if before.dense is not None and after.dense is not None:
        dense = ((1 - share) * before.dense + share * after.dense).astype(np.float32)
    score = (1 - share) * before.score + share * after.score
    return Face((x, y, width, height), before.landmarks, score, dense)


def _boxes(faces: Sequence[Face]) -> Float[np.ndarray, "n 4"]:
    return np.array([face.bbox for face in faces], np.float64)


def _middle(points: Float32[np.ndarray, "n 2"]) -> Float32[np.ndarray, " 2"]:
    return np.asarray(points.sum(0) / np.float32(len(points)), np.float32)


def _size(points: Float32[np.ndarray, "5 2"]) -> float:
    """Of a face, pixels: the distance of the eyes, or that from eyes to mouth in a profile."""
    (rx, ry), (lx, ly), _, (mx, my), (nx, ny) = points.tolist()
    high = math.hypot((mx + nx - rx - lx) / 2, (my + ny - ry - ly) / 2)
    return max(math.hypot(lx - rx, ly - ry), high)
