"""Opening a video file, and telling what is none."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from facsimile.errors import UserError
from facsimile.media.boxes import claimed_samples
from facsimile.media.members import open_media
from facsimile.media.random_access import Slice
from facsimile.media.sniff import HEAD, content, video_format
from facsimile.media.work_limit import WorkLimit

# 8K (7680 x 4320) passes. A decoder keeps some 20 frames of 1.5 bytes a pixel.
FRAME_PIXEL_LIMIT = 40_000_000
LARGE = f"its frames have more than {FRAME_PIXEL_LIMIT} pixels"
SAMPLES_FREE = 1 << 20  # that a file may claim beyond one a byte: what is cut off is still read
# FFmpeg also shows texts and stills as videos, and follows playlists to other files.
_FORMATS = (
    "apng,asf,av1,avi,dv,flv,gif,h264,hevc,ivf,m4v,matroska,mjpeg,mov,mp4,mpeg,mpegts,mpegvideo,"
    "mxf,nut,obu,ogg,rm,webm,wtv,yuv4mpegpipe"
)
# What PyAV raises on damaged files beside its own errors.
FAILURES = (av.FFmpegError, OSError, ValueError, RuntimeError, MemoryError)


class VideoError(UserError):
    """A video cannot be read, or not to its end, or not be written."""


@contextmanager
def opened(path: Path, limit: WorkLimit) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A video file, or one in an archive, and its first video stream.

    Raises VideoError where there is none, its frames are too large or opening takes too long.
    """
    with _source(path) as source, _container(path, source, limit) as container:
        # A song's cover counts as a video stream; it is none.
        cover = Disposition.attached_pic
        streams = [s for s in container.streams.video if not s.disposition & cover]
        if not streams:
            raise VideoError(f"cannot read {path}: it holds no video stream")
        context = streams[0].codec_context
        if context is None:
            raise VideoError(f"cannot read {path}: no decoder knows how its pictures are coded")
        too_large(path, context.width, context.height)
        context.options = {"max_pixels": str(FRAME_PIXEL_LIMIT)}
        # On several threads FFmpeg guesses the damaged parts of frames differently every time.
        context.thread_count = 1
        yield container, streams[0]


def too_large(path: Path, width: int, height: int) -> None:
    """Raise VideoError for frames of more than `FRAME_PIXEL_LIMIT` pixels."""
    if width * height > FRAME_PIXEL_LIMIT:
        raise VideoError(
            f"cannot read {path}: its frames of {width} x {height} pixels have more than "
            f"{FRAME_PIXEL_LIMIT}"
        )


@contextmanager
def _source(path: Path) -> Iterator[str | Slice]:
    with ExitStack() as stack:
        try:
            source = stack.enter_context(open_media(path))
        except UserError as error:
            raise VideoError(str(error)) from error
        yield source


@contextmanager
def _looked_into(source: str | Slice) -> Iterator[BinaryIO | Slice]:
    if isinstance(source, Slice):
        source.seek(0)
        yield source
        source.seek(0)
        return
    with Path(source.removeprefix("file:")).open("rb") as file:
        yield file


def _container(path: Path, source: str | Slice, limit: WorkLimit) -> InputContainer:
    _check_claims(path, source)
    try:
        return av.open(
            source,
            "r",
            metadata_errors="ignore",
            options={
                "protocol_whitelist": "file",
                "format_whitelist": _FORMATS,
                "max_pixels": str(FRAME_PIXEL_LIMIT),
            },
            timeout=limit.seconds,
        )
    except av.error.ExitError as error:
        raise VideoError(f"cannot read {path}: {limit}") from error
    except FAILURES as error:
        told = getattr(error, "strerror", None) or str(error)
        raise VideoError(f"cannot read {path}: {_what(source, told)}") from error


def _check_claims(path: Path, source: str | Slice) -> None:
    """FFmpeg sets some 36 bytes aside for every sample that an MP4 claims, be there any or not."""
    try:
        with _looked_into(source) as file:
            size, claimed = file.seek(0, os.SEEK_END), claimed_samples(file)
    except (OSError, OverflowError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise VideoError(f"cannot read {path}: {told}") from error
    if claimed > size + SAMPLES_FREE:
        raise VideoError(f"cannot read {path}: it claims {claimed} samples, but has {size} bytes")


def _what(source: str | Slice, told: str) -> str:
    with _looked_into(source) as file:
        head = file.read(HEAD)
    if name := video_format(head):
        return f"the {name} container is damaged ({told})"
    if other := content(head):
        return f"it is {other} and no video"
    return f"it is no video ({told})"
