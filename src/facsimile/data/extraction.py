"""From clips to rows of the manifest: decode, detect, align, measure, write the crops."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from facsimile.data.records import Clip
from facsimile.errors import UserError
from facsimile.faces.crop import FaceCrop, crop_face, keep_crop
from facsimile.faces.detect import Detector
from facsimile.faces.quality import brightness, pose, sharpness
from facsimile.media.image import encode_image, read_image
from facsimile.media.video import Frame, read_frames


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

    Use it as a context manager: it keeps its threads, each with a detector of its own.

    Args:
        make_detector: Makes one; detectors need not bear two threads.
        size: Side of the aligned crops, pixels.
        coverage: Field of view of the aligned crops (see `similarity`).
        threads: How many frames are looked at together.
    """

    def __init__(
        self, make_detector: Callable[[], Detector], size: int, coverage: float, threads: int
    ) -> None:
        self.size, self.coverage, self.threads = size, coverage, threads
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(threads, initializer=self._equip)
        self._make_detector = make_detector

    def __enter__(self) -> "Extraction":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _equip(self) -> None:
        self._own.detector = self._make_detector()

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
        waiting: deque[Future[dict[str, Any] | Rejected]] = deque()
        for shot in _shots(parts, root):
            waiting.append(self._pool.submit(self._look, shot, folder))
            # Enough in flight that no thread waits for the decoder, few enough to fit in memory.
            if len(waiting) >= 4 * self.threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _look(self, shot: _Shot | Rejected, folder: Path) -> dict[str, Any] | Rejected:
        if isinstance(shot, Rejected):
            return shot
        if shot.frame.damaged:
            return Rejected(shot.path, "the frame is damaged")
        image = shot.frame.image
        if shot.clip.cropped:
            found = keep_crop(image, self._own.detector)
        else:
            found = crop_face(image, self._own.detector, self.size, self.coverage)
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
