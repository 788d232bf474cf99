"""How RGB frames become a video stream: H.264 for people, FFV1 without any loss."""

from fractions import Fraction
from typing import Literal

import av
import cv2
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from av.video.stream import VideoStream

Codec = Literal["h264", "ffv1"]

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
_AVX_512 = 13  # CV_CPU_AVX_512F, which the Python module does not name
_BT709 = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}


def add_stream(
    container: OutputContainer, codec: Codec, size: tuple[int, int], rate: Fraction, crf: int
) -> VideoStream:
    """Declare the stream of frames of `size` (width, height); the same frames give the same bytes.

    Odd sizes are kept: H.264 halves the chroma, as every player knows it, for even sizes only.
    """
    if codec == "h264":
        pixels = "yuv444p" if size[0] % 2 or size[1] % 2 else "yuv420p"
        stream = container.add_stream("libx264", rate=rate, options=_h264_options(crf))
    else:
        pixels = "bgr0"
        # A fixed number, as with libx264's threads: the bytes depend on it.
        slices = "4" if min(size) >= 16 else "1"
        options = {"level": "3", "g": "1", "slices": slices, "slicecrc": "1"}
        stream = container.add_stream("ffv1", rate=rate, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = pixels
    stream.codec_context.time_base = 1 / rate
    return stream


def _h264_options(crf: int) -> dict[str, str]:
    options = {"crf": str(crf), "preset": "medium", "threads": "4", "color_range": "tv"} | _BT709
    if cv2.checkHardwareSupport(_AVX_512):
        # Under load, about one file in a hundred came out with a few other blocks while libx264
        # used AVX-512; none in 1,600 without.
        options["x264-params"] = "asm=avx2"
    return options


def convert(frame: av.VideoFrame, pixels: str) -> av.VideoFrame:
    """An RGB frame in the stream's pixel format; without any loss for bgr0."""
    if pixels == "bgr0":
        return frame.reformat(format=pixels, threads=1)
    return frame.reformat(
        format=pixels,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=_EXACT,
        threads=1,
    )
