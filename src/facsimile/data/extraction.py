"""From clips to rows of the manifest: decode, detect, align, measure, write the crops."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facsimile.data.records import Clip
from facsimile.errors import UserError
from facsimile.faces.crop import FaceCrop, crop_face, keep_crop
from facsimile.faces.detect import Detector
from facsimile.faces.quality import brightness, pose, sharpness
from facsimile.media.image import encode_image, read_image
from facsimile.media.video import Frame, read_frames
from facsimile.threads import in_order


@dataclass(frozen=True)
class Rejected:
    """What has no face in the manifest: a file or `file#frame`, and why."""

    path: str
    reason: str


@dataclass(frozen=True, eq=False)
class _Shot:
    clip: Clip
    frame: Frame
    path: str


class Extraction:
    """Finds the faces of clips on several threads at once, in the order of the frames.

    Args:
        detectors: One for each thread; detectors need not bear two.
        size: Side of the aligned crops, pixels.
        coverage: Field of view of the aligned crops (see `similarity`).
    """

    def __init__(self, detectors: Sequence[Detector], size: int, coverage: float) -> None:
        self.detectors, self.size, self.coverage = detectors, size, coverage

    def clip(
        self, parts: Sequence[Clip], root: Path, folder: Path
    ) -> Iterator[dict[str, Any] | Rejected]:
        """A row of FACES or a rejection for each frame of one clip, as they get ready.

        Crops are written to `folder` as NNNNNN.png; the rows name them below `images/CLIP/`.

        Args:
            parts: One video, or the still images of one clip.
            root: Rejected paths are told relative to it.
            folder: Exists.
        """

        def look(detector: Detector, shot: _Shot | Rejected) -> dict[str, Any] | Rejected:
            return shot if isinstance(shot, Rejected) else self._look(detector, shot, folder)

        return in_order(self.detectors, look, _shots(parts, root))

    def _look(self, detector: Detector, shot: _Shot, folder: Path) -> dict[str, Any] | Rejected:
        if shot.frame.damaged:
            return Rejected(shot.path, "the frame is damaged")
        image = shot.frame.image
        if shot.clip.cropped:
            found = keep_crop(image, detector)
        else:
            found = crop_face(image, detector, self.size, self.coverage)
        if found is None:
            return Rejected(shot.path, "no face found")
        # The folder as a whole is atomic already; making each file so would take as long again.
        (folder / f"{shot.frame.index:06d}.png").write_bytes(encode_image(found.image, ".png"))
        return _row(shot.clip, shot.frame, found)


def _shots(parts: Iterable[Clip], root: Path) -> Iterator[_Shot | Rejected]:
    for clip in parts:
        name = _relative(clip.path, root)
        try:
            if clip.kind == "image":
                yield _Shot(clip, Frame(clip.frame, 0.0, read_image(clip.path)), name)
                continue
            for frame in read_frames(clip.path):
                yield _Shot(clip, frame, f"{name}#{frame.index:06d}")
        except UserError as error:
            # The reason is part of the data: it must not tell where on this machine they lie.
            yield Rejected(name, str(error).replace(str(clip.path), name))


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _row(clip: Clip, frame: Frame, found: FaceCrop) -> dict[str, Any]:
    face = found.face
    turn = pose(face.landmarks)
    return {
        "path": f"images/{clip.clip}/{frame.index:06d}.png",
        "dataset": clip.dataset,
        "clip": clip.clip,
        "subject": clip.subject,
        "frame": frame.index,
        "time": frame.time,
        **dict(zip(("bbox_x", "bbox_y", "bbox_w", "bbox_h"), face.bbox, strict=True)),
        "landmarks": _flat(face.landmarks),
        "crop_landmarks": _flat(found.landmarks),
        "score": face.score,
        "sharpness": sharpness(found.image),
        "brightness": brightness(found.image),
        **turn._asdict(),
        "label": clip.label,
        "width": frame.image.shape[1],
        "height": frame.image.shape[0],
    }


def _flat(landmarks: np.ndarray) -> list[float]:
    flat: list[float] = landmarks.ravel().tolist()
    return flat
