"""From a clip to rows of the manifest: decode, find, align and measure every face."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from facsimile.data.annotated import marked
from facsimile.data.batching import safe_file_name
from facsimile.data.fitting import Fitting
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.data.sighting import Shot, Sighting, followed, shots
from facsimile.faces.align import FaceType
from facsimile.faces.crop import FaceCrop, crop_face, keep_crop
from facsimile.faces.detect import Detector, DetectorPool, Face
from facsimile.faces.quality import measure
from facsimile.media.image import encode_image
from facsimile.threads import in_order

_PORTION = 800_000  # pixels that a thread is given at once

#: Height and width of a frame with faces, and these, by the frame's number.
Known = Mapping[int, tuple[tuple[int, int], list[Face]]]


@dataclass(frozen=True, eq=False)
class Found:
    """A face: its row of the manifest but for `path` and `track`, and its encoded crop."""

    name: str
    row: dict[str, Any]
    picture: bytes
    face: Face


@dataclass(frozen=True, eq=False)
class Look:
    """What came of one frame: its faces, the most prominent first, and what was set aside."""

    frame: int
    found: list[Found] = field(default_factory=list)
    rejected: list[Problem] = field(default_factory=list)


class Extraction:
    """Finds the faces of clips on several threads at once, in the order of the frames.

    Args:
        detectors: One for each thread; detectors need not bear two.
        size: Side of the aligned crops, pixels.
        coverage: Field of view of the aligned crops (see `similarity`).
        every: Detect in every so many-th frame of a video, follow the faces in between.
        frames: Evenly spaced frames of a video that are looked at; None for all.
        time_limit: Seconds that reading one file may take; None for any.
        fitting: What is done to each picture first; None for nothing.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        size: int,
        coverage: float | FaceType,
        every: int = 1,
        frames: int | None = None,
        time_limit: float | None = None,
        fitting: Fitting | None = None,
    ) -> None:
        # following and looking share them, each on threads of its own
        self.workers = [DetectorPool(detectors)] * len(detectors)
        self.size, self.coverage = size, coverage
        self.every, self.frames, self.time_limit = every, frames, time_limit
        self.fitting = fitting

    def clip(self, parts: Sequence[Clip], root: Path, known: Known | None = None) -> Iterator[Look]:
        """A look at each frame of one clip, as they get ready.

        Args:
            parts: One video, or the still images of one clip.
            root: Rejected paths are told relative to it.
            known: What was found in the frames of another clip of the same places. In a frame
                that is not in it, or of another size, faces are looked for.
        """
        taken = shots(parts, root, self.frames, self.time_limit)
        if self.fitting is not None and self.fitting.changes:
            taken = map(partial(_fitted, self.fitting), taken)
        seen: Iterator[Sighting]
        if known is not None:
            seen = (Sighting(shot, _at_the_same_places(shot, known)) for shot in taken)
        elif (every := self._every(parts[0])) > 1 or self._by_batch(parts[0]):
            seen = followed(taken, self.workers, every)
        else:
            seen = map(Sighting, taken)
        portions = in_order(self.workers, self._looks, _portions(seen), ahead=2)
        return chain.from_iterable(portions)

    def _every(self, clip: Clip) -> int:
        """Evenly spaced frames are too far apart to follow a face, and so are stills."""
        return self.every if self.frames is None and clip.kind == "video" else 1

    def _by_batch(self, clip: Clip) -> bool:
        """Not where the faces to look for depend on the picture."""
        plain = not clip.cropped and clip.annotations is None
        return plain and self.workers[0].batch_size > 1

    def _looks(self, detector: Detector, portion: list[Sighting]) -> list[Look]:
        """All are searched before any is cropped: the detector's net stays in the caches."""
        looks = [Look(seen.shot.frame.index) for seen in portion]
        crops = [
            self._crops(detector, seen, look) for seen, look in zip(portion, looks, strict=True)
        ]
        for seen, look, labelled in zip(portion, looks, crops, strict=True):
            for label, crop in labelled:
                look.found.append(_found(seen.shot, len(look.found), label, crop))
            if not look.found and not look.rejected:
                look.rejected.append(Problem(seen.shot.path, "no face found"))
        return looks

    def _crops(
        self, detector: Detector, seen: Sighting, look: Look
    ) -> Iterable[tuple[int, FaceCrop]]:
        """The faces, found at once, but cropped one by one as they are taken."""
        if seen.shot.problem:
            look.rejected.append(Problem(seen.shot.path, seen.shot.problem))
            return []
        clip, image = seen.shot.clip, seen.shot.frame.image
        if clip.cropped:
            kept = keep_crop(image, detector)
            return [] if kept is None else [(clip.label, kept)]
        faces = detector(image) if seen.faces is None else seen.faces
        if clip.annotations is None:
            labelled = [(clip.label, face) for face in faces]
        else:
            labelled, reasons = marked(image, faces, clip.annotations, detector)
            look.rejected.extend(Problem(seen.shot.path, reason) for reason in reasons)
        return (
            (label, crop_face(image, face, self.size, self.coverage)) for label, face in labelled
        )


def _fitted(fitting: Fitting, shot: Shot) -> Shot:
    if not shot.frame.image.size:
        return shot
    return replace(shot, frame=replace(shot.frame, image=fitting(shot.frame.image)))


def _portions(given: Iterable[Sighting]) -> Iterator[list[Sighting]]:
    """Eight small frames, or one large one; of that many, thrice as many are in memory a thread."""
    portion: list[Sighting] = []
    pixels = 0
    for seen in given:
        portion.append(seen)
        pixels += max(seen.shot.frame.image[..., 0].size, _PORTION // 8)
        if pixels >= _PORTION:
            yield portion
            portion, pixels = [], 0
    if portion:
        yield portion


def _at_the_same_places(shot: Shot, known: Known) -> list[Face] | None:
    size, faces = known.get(shot.frame.index, (None, None))
    return faces if shot.frame.image.shape[:2] == size else None


def _found(shot: Shot, rank: int, label: int, crop: FaceCrop) -> Found:
    clip, frame, face = shot.clip, shot.frame, crop.face
    row = {
        "dataset": clip.dataset,
        "clip": clip.clip,
        "subject": clip.subject,
        "origin": clip.origin or clip.clip,
        "official": clip.official,
        "frame": frame.index,
        "face": rank,
        "time": frame.time,
        **dict(zip(("bbox_x", "bbox_y", "bbox_w", "bbox_h"), face.bbox, strict=True)),
        "landmarks": _flat(face.landmarks),
        "crop_landmarks": _flat(crop.landmarks),
        "score": face.score,
        **measure(crop.image, face.landmarks, crop.landmarks, crop.dense),
        "label": label,
        "width": frame.image.shape[1],
        "height": frame.image.shape[0],
    }
    return Found(_name(clip.clip, frame.index, rank), row, encode_image(crop.image, ".png"), face)


def _name(clip: str, frame: int, rank: int) -> str:
    folder = "/".join(safe_file_name(part) for part in clip.split("/"))
    return f"{folder}/{frame:06d}{f'-{rank}' if rank else ''}.png"


def _flat(landmarks: np.ndarray) -> list[float]:
    flat: list[float] = landmarks.ravel().tolist()
    return flat
