"""H.264 compression, as a frame of a video suffers it."""

import io
from collections.abc import Iterator
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation
from jaxtyping import UInt8

from facsimile.degradations.depth import in_bytes
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span, whole_span
from facsimile.media.codecs import BT709, add_stream, convert

RATE = Fraction(25)
# As videos are read here: the same pixels on every processor.
_READING = Interpolation.BILINEAR | Interpolation.BITEXACT


class H264:
    """Encodes a short video in memory, by libx264 with 4:2:0 chroma, and takes its last frame.

    The image is that last frame; before it, a camera pans towards it evenly. One frame is coded
    by itself; of several, the last is predicted from others, with that look. One thread encodes,
    so that the same build gives the same pixels.

    Args:
        crf: libx264's constant rate factor: whole numbers of 0 (without loss but for colour) to
            51 (worst), drawn uniformly.
        frames: How many frames, whole numbers from 1 on, drawn uniformly.
        speed: Of the camera, pixels a frame, drawn uniformly; its direction is any.
    """

    def __init__(self, crf: Range, frames: Range = (1, 4), speed: Range = (0.0, 2.0)) -> None:
        self.crf, self.frames = whole_span(crf, 0, 51), whole_span(frames, 1, 250)
        self.speed = span(speed, 0)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the decoded last frame."""
        crf, count = (int(rng.integers(low, high + 1)) for low, high in (self.crf, self.frames))
        angle, speed = rng.uniform(0, 2 * np.pi), rng.uniform(*self.speed)
        step = (speed * np.cos(angle), speed * np.sin(angle))
        return in_bytes(image, lambda rgb: _last(_encode(rgb, crf, count, step), rgb.shape))


def _encode(
    rgb: UInt8[np.ndarray, "h w 3"], crf: int, count: int, step: tuple[float, float]
) -> bytes:
    # 4:2:0 needs even sides
    even = cv2.copyMakeBorder(rgb, 0, rgb.shape[0] % 2, 0, rgb.shape[1] % 2, cv2.BORDER_REPLICATE)
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = add_stream(container, "h264", even.shape[1::-1], RATE, crf, BT709)
        stream.codec_context.options = {**stream.codec_context.options, "threads": "1"}
        for number, picture in enumerate(_pan(even, count, step)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame = convert(frame, str(stream.pix_fmt), BT709)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def _pan(
    image: UInt8[np.ndarray, "h w 3"], count: int, step: tuple[float, float]
) -> Iterator[UInt8[np.ndarray, "h w 3"]]:
    for steps in reversed(range(1, count)):
        move = np.array([[1, 0, step[0] * steps], [0, 1, step[1] * steps]])
        yield np.asarray(
            cv2.warpAffine(
                image, move, image.shape[1::-1], None, cv2.INTER_CUBIC, cv2.BORDER_REFLECT_101
            ),
            np.uint8,
        )
    yield image


def _last(file: bytes, shape: tuple[int, ...]) -> UInt8[np.ndarray, "h w 3"]:
    with av.open(io.BytesIO(file), "r") as container:
        *_, frame = container.decode(video=0)
    rgb = frame.to_ndarray(format="rgb24", interpolation=_READING, threads=1)
    return np.ascontiguousarray(rgb[: shape[0], : shape[1]])
