"""How RGB frames become a video stream: H.264 or HEVC for people, FFV1 without any loss."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
import cv2
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from av.video.stream import VideoStream

Codec = Literal["h264", "hevc", "ffv1"]

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
_AVX_512 = 13  # CV_CPU_AVX_512F, which the Python module does not name
_RGB, _UNKNOWN = 0, 2  # as matrices
# How swscale names the matrices that it knows.
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
}

_FULL: dict[int, bool] = {ColorRange.MPEG: False, ColorRange.JPEG: True}


@dataclass(frozen=True)
class Colours:
    """What a video stream says of its colours, in the numbers of ITU-T H.273; 2 is unspecified.

    `full` says that the values span 0 to 255 rather than 16 to 235; None where it is unspecified,
    which means the same as False.
    """

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    full: bool | None = None

    @classmethod
    def of(cls, frame: av.VideoFrame) -> "Colours":
        """Those of a decoded frame."""
        full = _FULL.get(frame.color_range)
        if frame.format.name.startswith("yuvj"):
            full = True
        return cls(int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace), full)


BT709 = Colours(1, 1, 1, False)


def add_stream(
    container: OutputContainer,
    codec: Codec,
    size: tuple[int, int],
    rate: Fraction,
    crf: int,
    colours: Colours,
) -> VideoStream:
    """Declare the stream of frames of `size` (width, height); the same frames give the same bytes.

    Odd sizes are kept: chroma is halved, as every player knows it, for even sizes only. The
    stream says the given colours of itself; a matrix that cannot be written becomes BT.709's.
    """
    options = _OPTIONS[codec](crf, size)
    stream = container.add_stream(_ENCODERS[codec], rate=rate, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = _pixels(codec, size)
    context = stream.codec_context
    context.time_base = 1 / rate
    context.color_primaries, context.color_trc = colours.primaries, colours.transfer
    if codec != "ffv1":
        context.colorspace, context.color_range = _written(colours), _range(colours)
    elif colours != Colours():  # an mp4 has no place for the first two alone
        context.colorspace, context.color_range = _RGB, ColorRange.JPEG.value
    if codec == "hevc":
        context.codec_tag = "hvc1"  # the only name under which Apple's players know it
    return stream


def _pixels(codec: Codec, size: tuple[int, int]) -> str:
    if codec == "ffv1":
        return "bgr0"
    return "yuv444p" if size[0] % 2 or size[1] % 2 else "yuv420p"


def _written(colours: Colours) -> int:
    known = colours.matrix == _UNKNOWN or colours.matrix in _MATRICES
    return colours.matrix if known else BT709.matrix


def _range(colours: Colours) -> int:
    if colours.full is None:
        return int(ColorRange.UNSPECIFIED)
    return int(ColorRange.JPEG if colours.full else ColorRange.MPEG)


def _h264(crf: int, size: tuple[int, int]) -> dict[str, str]:
    options = {"crf": str(crf), "preset": "medium", "threads": "4"}
    if cv2.checkHardwareSupport(_AVX_512):
        # Under load, about one file in a hundred came out with a few other blocks while libx264
        # used AVX-512; none in 1,600 without.
        options["x264-params"] = "asm=avx2"
    return options


def _hevc(crf: int, size: tuple[int, int]) -> dict[str, str]:
    # Fixed numbers of threads, as with libx264: the bytes depend on them.
    return {
        "crf": str(crf),
        "preset": "medium",
        "x265-params": "log-level=error:pools=4:frame-threads=2",
    }


def _ffv1(crf: int, size: tuple[int, int]) -> dict[str, str]:
    # A fixed number, as with libx264's threads: the bytes depend on it.
    slices = "4" if min(size) >= 16 else "1"
    return {"level": "3", "g": "1", "slices": slices, "slicecrc": "1"}


_ENCODERS = {"h264": "libx264", "hevc": "libx265", "ffv1": "ffv1"}
_OPTIONS = {"h264": _h264, "hevc": _hevc, "ffv1": _ffv1}


def convert(frame: av.VideoFrame, pixels: str, colours: Colours) -> av.VideoFrame:
    """An RGB frame in the stream's pixel format and matrix; without any loss for bgr0.

    Where the matrix is unspecified it is BT.601's, by which such videos are read.
    """
    if pixels == "bgr0":
        return frame.reformat(format=pixels, threads=1)
    return frame.reformat(
        format=pixels,
        dst_colorspace=_MATRICES.get(_written(colours), Colorspace.ITU601),
        dst_color_range=ColorRange.JPEG if colours.full else ColorRange.MPEG,
        interpolation=_EXACT,
        threads=1,
    )
