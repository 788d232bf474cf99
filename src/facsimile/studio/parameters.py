"""What a picture or video is: size, type, channels, hash, faces."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageMode

from facsimile.errors import UserError
from facsimile.faces.crop import crop_face
from facsimile.faces.detect import Detector, Face
from facsimile.faces.quality import measure
from facsimile.media.header import image_header
from facsimile.media.image import read_image
from facsimile.media.members import locate, read_media
from facsimile.media.video import probe, read_frames

SHOWN = ("sharpness", "blur", "brightness", "contrast", "yaw", "eye_distance")
HASHED = 1 << 30  # bytes; a longer file is told by nothing
_PATIENCE = 10.0  # seconds, for a file that is only looked into
_CROP, _COVERAGE = 128, 1.35  # of the face that is measured


@dataclass
class Parameters:
    """Of one file; see `ImageRow`."""

    type: str = ""
    bytes: int = 0
    sha256: str = ""
    width: int | None = None
    height: int | None = None
    channels: int | None = None
    faces: int | None = None
    found: list[dict[str, Any]] = field(default_factory=list)
    quality: dict[str, float] = field(default_factory=dict)
    problem: str = ""


def parameters(path: Path, kind: str, detector: Detector | None, pixels: int) -> Parameters:
    """Look into a file, and seek faces in it, of a video in its first frame.

    `kind` is image or video. What is wrong stands in `problem`; no file raises anything.
    """
    known = Parameters()
    try:
        (_image if kind == "image" else _video)(path, known)
        if detector is not None:
            _faces(first_picture(path, kind, pixels), detector, known)
    except UserError as error:
        known.problem = str(error).replace(str(path), "it")
    return known


def first_picture(path: Path, kind: str, pixels: int) -> np.ndarray:
    """A picture, or the first frame of a video, RGB.

    Raises:
        UserError: It cannot be read, or has more pixels than given.
    """
    if kind == "image":
        return read_image(path, pixels)
    return next(read_frames(path, stop=1, time_limit=_PATIENCE)).image


def face_fields(face: Face) -> dict[str, Any]:
    """A face as plain values."""
    return {
        "bbox": [float(side) for side in face.bbox],
        "landmarks": face.landmarks.tolist(),
        "score": float(face.score),
    }


def quality(picture: np.ndarray, face: Face) -> dict[str, float]:
    """Some qualities of a face that is cropped at 128 pixels; those that cannot be told lack."""
    crop = crop_face(picture, face, _CROP, _COVERAGE)
    measured = measure(crop.image, face.landmarks, crop.landmarks, crop.dense)
    return {key: float(measured[key]) for key in SHOWN if np.isfinite(measured[key])}


def _image(path: Path, known: Parameters) -> None:
    data = read_media(path, HASHED)
    known.bytes, known.sha256 = len(data), hashlib.sha256(data).hexdigest()
    if (header := image_header(data)) is None:
        read_image(path)  # says what it is instead
        return
    known.type = header.format.lower()
    known.width, known.height = header.size
    known.channels = len(ImageMode.getmode(header.mode).bands)


def _video(path: Path, known: Parameters) -> None:
    known.type = f"video/{path.suffix.lower().removeprefix('.')}"
    info = probe(path, _PATIENCE)
    known.width, known.height, known.channels = info.width, info.height, 3
    if locate(path) is None:
        known.bytes = path.stat().st_size
    if known.bytes <= HASHED:
        data = read_media(path, HASHED)
        known.bytes, known.sha256 = len(data), hashlib.sha256(data).hexdigest()


def _faces(picture: np.ndarray, detector: Detector, known: Parameters) -> None:
    faces = detector(picture)
    known.faces, known.found = len(faces), [face_fields(face) for face in faces]
    if faces:
        known.quality = quality(picture, faces[0])
