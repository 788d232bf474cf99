"""Reading videos as a stream of upright RGB frames, and writing them frame by frame."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream
from jaxtyping import UInt8

from facsimile.errors import UserError
from facsimile.media.audio import AudioCopy
from facsimile.media.codecs import Codec, add_stream, convert
from facsimile.media.files import atomic_path

if TYPE_CHECKING:
    _Packet = av.Packet[VideoStream]
else:  # PyAV's class takes a parameter in its stub only
    _Packet = av.Packet

# Bit-exact: the same pixels on every processor. Accurate rounding, which would cost a fifth of the
# time that detection takes, brings them no nearer to the formula.
_READING = Interpolation.BILINEAR | Interpolation.BITEXACT


class VideoError(UserError):
    """A video cannot be read, or not to its end."""


@dataclass(frozen=True)
class VideoInfo:
    """What a video says of itself.

    `width` and `height` are those of the upright frame. `frames` and `duration` (seconds) are the
    container's claim, None where it makes none; what can be decoded may be less. `rotation` is in
    degrees counter-clockwise and already applied by `read_frames`.
    """

    width: int
    height: int
    frame_rate: Fraction
    frames: int | None
    duration: float | None
    has_audio: bool
    rotation: int


@dataclass(frozen=True)
class Frame:
    """One decoded frame: its number from 0, its time in seconds from the first, its RGB pixels.

    `damaged` says that the decoder had to guess a part of it.
    """

    index: int
    time: float
    image: UInt8[np.ndarray, "h w 3"]
    damaged: bool = False


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    try:
        # "file:" and the whitelist: neither a name with a colon nor a playlist opens anything else.
        container = av.open(
            f"file:{path}", metadata_errors="ignore", options={"protocol_whitelist": "file"}
        )
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"cannot read {path}: {error.strerror or error}") from error
    with container:
        # A song's cover counts as a video stream; it is none.
        cover = Disposition.attached_pic
        streams = [s for s in container.streams.video if not s.disposition & cover]
        if not streams:
            raise VideoError(f"cannot read {path}: it holds no video stream")
        streams[0].thread_type = "AUTO"
        yield container, streams[0]


def _frame_rate(stream: VideoStream) -> Fraction:
    return stream.average_rate or stream.guessed_rate or Fraction(25)


def probe(path: Path) -> VideoInfo:
    """Look into a video's header and at its first frame; raises VideoError for no video."""
    with _opened(path) as (container, stream):
        frame = next(_decode(path, container, stream), None)
        if frame is None:
            raise VideoError(f"cannot read {path}: no frame can be decoded")
        size = (frame.width, frame.height)
        width, height = size if frame.rotation % 180 == 0 else size[::-1]
        duration = container.duration
        return VideoInfo(
            width=width,
            height=height,
            frame_rate=_frame_rate(stream),
            frames=stream.frames or None,
            duration=None if duration is None else duration / av.time_base,
            has_audio=bool(container.streams.audio),
            rotation=frame.rotation,
        )


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[_Packet | None]:
    """The stream's packets; where the file breaks off, None, which flushes the decoder."""
    try:
        yield from container.demux(stream)
    except av.FFmpegError:
        yield None


def _decode(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    """Every frame that can be decoded; then raises VideoError if some could not."""
    damaged = 0
    for packet in _packets(container, stream):
        damaged += packet is None or packet.is_corrupt
        try:
            yield from stream.decode(packet)
        except av.FFmpegError:
            damaged += 1
    if damaged:
        raise VideoError(f"cannot read all of {path}: it is cut off or damaged")


def _upright(frame: av.VideoFrame) -> UInt8[np.ndarray, "h w 3"]:
    image = frame.to_ndarray(format="rgb24", interpolation=_READING, threads=1)
    if frame.rotation:
        return np.ascontiguousarray(np.rot90(image, frame.rotation // 90))
    return image


def _time(frame: av.VideoFrame, index: int, stream: VideoStream) -> float:
    if frame.pts is None or frame.time_base is None:
        return float(index / _frame_rate(stream))
    return float((frame.pts - (stream.start_time or 0)) * frame.time_base)


def read_frames(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
    """The frames start..stop-1 in the order they are shown, decoded as they are asked for.

    Raises VideoError at once where there is no video, and after the last good frame where the
    file is cut off or damaged or no frame could be decoded.
    """
    index = -1
    with _opened(path) as (container, stream):
        # Frames before `start` are decoded too: seeking by time does not count frames.
        for index, frame in enumerate(_decode(path, container, stream)):
            if stop is not None and index >= stop:
                return
            if index >= start:
                time = _time(frame, index, stream)
                yield Frame(index, time, _upright(frame), frame.is_corrupt)
    if index < 0:
        raise VideoError(f"cannot read {path}: no frame can be decoded")


class VideoWriter:
    """Write RGB frames as a video with a constant frame rate; the same input gives the same bytes.

    Use it as a context manager: the file appears whole when the block ends well. One frame in is
    one frame out, of exactly `width` x `height`; odd sizes are kept by full-resolution chroma.

    Args:
        path: File to write; its suffix chooses the container (.mp4, .mkv).
        width: Pixels.
        height: Pixels.
        frame_rate: Frames a second.
        codec: "h264" for people, "ffv1" for lossless RGB (.mkv).
        crf: H.264's quality, 0 (best) to 51.
        audio_from: A file whose first audio track is copied, when it has one.
        audio_start: Second of that file which frame 0 shows.

    Raises:
        VideoError: No frame was written, one of another size, or audio this container cannot hold.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        frame_rate: Fraction,
        codec: Codec = "h264",
        crf: int = 18,
        audio_from: Path | None = None,
        audio_start: float = 0.0,
    ) -> None:
        self.path, self.width, self.height = path, width, height
        self.frame_rate = Fraction(frame_rate).limit_denominator(1_000_000)
        self.codec, self.crf = codec, crf
        self._audio = AudioCopy(audio_from, audio_start)
        self.frames = 0

    def write(self, image: UInt8[np.ndarray, "h w 3"]) -> None:
        """Append one RGB frame."""
        if image.shape != (self.height, self.width, 3) or image.dtype != np.uint8:
            raise VideoError(
                f"{self.path}: a frame is {image.dtype} {image.shape}, "
                f"not uint8 {(self.height, self.width, 3)}"
            )
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
        frame = convert(frame, self._stream.pix_fmt or "")
        frame.pts, frame.time_base = self.frames, 1 / self.frame_rate
        self._audio.copy_until(self.frames / self.frame_rate, self._container)
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    @contextmanager
    def _session(self) -> Iterator[None]:
        options = {"fflags": "+bitexact"}
        with (
            atomic_path(self.path) as partial,
            av.open(f"file:{partial}", "w", container_options=options) as container,
            self._audio,
        ):
            size = (self.width, self.height)
            self._stream = add_stream(container, self.codec, size, self.frame_rate, self.crf)
            self._container = container
            self._audio.attach(container)
            yield
            if not self.frames:
                raise VideoError(f"{self.path}: no frame was written")
            container.mux(self._stream.encode(None))
            self._audio.finish(self.frames / self.frame_rate, container)

    def __enter__(self) -> "VideoWriter":
        self._open = self._session()
        self._open.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._open.__exit__(kind, error, trace)
        except av.FFmpegError as failure:
            raise VideoError(f"cannot write {self.path}: {failure.strerror}") from failure
