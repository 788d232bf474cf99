"""Reading videos as a stream of upright RGB frames, and writing them frame by frame."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream
from jaxtyping import UInt8

from facsimile.media.audio import AudioCopy
from facsimile.media.codecs import BT709, Codec, Colours, add_stream, convert
from facsimile.media.decoding import decode
from facsimile.media.files import atomic_path
from facsimile.media.opening import FAILURES, opened
from facsimile.media.opening import VideoError as VideoError
from facsimile.media.work_limit import WorkLimit

# Bit-exact: the same pixels on every processor. Accurate rounding, which would cost a fifth of the
# time that detection takes, brings them no nearer to the formula.
_READING = Interpolation.BILINEAR | Interpolation.BITEXACT


@dataclass(frozen=True)
class VideoInfo:
    """What a video says of itself.

    `width` and `height` are those of the upright frame. `frames` and `duration` (seconds) are the
    container's claim, None where it makes none; what can be decoded may be less. `rotation` is in
    degrees counter-clockwise and already applied by `read_frames`. `colours` is what it says of
    those.
    """

    width: int
    height: int
    frame_rate: Fraction
    frames: int | None
    duration: float | None
    has_audio: bool
    rotation: int
    colours: Colours = Colours()


@dataclass(frozen=True)
class Frame:
    """One decoded frame: its number from 0, its time in seconds from the first, its RGB pixels.

    `damaged` says that the decoder had to guess a part of it.
    """

    index: int
    time: float
    image: UInt8[np.ndarray, "h w 3"]
    damaged: bool = False


def _frame_rate(stream: VideoStream) -> Fraction:
    return stream.average_rate or stream.guessed_rate or Fraction(25)


def probe(path: Path, time_limit: float | None = None) -> VideoInfo:
    """Look into a video's header and at its first frame; raises VideoError for no video.

    Paths and `time_limit` are as in `read_frames`.
    """
    limit = WorkLimit(time_limit)
    with opened(path, limit) as (container, stream):
        frame = next(decode(path, container, stream, limit), None)
        if frame is None:
            raise VideoError(f"cannot read {path}: no frame can be decoded")
        size = (frame.width, frame.height)
        width, height = size if _turns(frame) % 2 == 0 else size[::-1]
        duration = container.duration
        return VideoInfo(
            width=width,
            height=height,
            frame_rate=_frame_rate(stream),
            frames=stream.frames or None,
            duration=None if duration is None else duration / av.time_base,
            has_audio=bool(container.streams.audio),
            rotation=frame.rotation,
            colours=Colours.of(frame),
        )


def _turns(frame: av.VideoFrame) -> int:
    # A damaged matrix may hold any angle.
    return round(frame.rotation / 90)


def _upright(path: Path, frame: av.VideoFrame) -> UInt8[np.ndarray, "h w 3"]:
    try:
        image = frame.to_ndarray(format="rgb24", interpolation=_READING, threads=1)
    except FAILURES as error:
        raise VideoError(
            f"cannot read {path}: its pixels ({frame.format.name}) become no RGB: {error}"
        ) from error
    if turns := _turns(frame):
        return np.ascontiguousarray(np.rot90(image, turns))
    return image


def _time(frame: av.VideoFrame, index: int, stream: VideoStream) -> float:
    if frame.pts is None or frame.time_base is None:
        return float(index / _frame_rate(stream))
    return float((frame.pts - (stream.start_time or 0)) * frame.time_base)


def read_frames(
    path: Path,
    start: int = 0,
    stop: int | None = None,
    time_limit: float | None = None,
    only: Container[int] | None = None,
) -> Iterator[Frame]:
    """The frames start..stop-1 in the order they are shown, decoded as they are asked for.

    A frame's time is its own presentation time, so that a variable frame rate is kept as it is;
    where the file has none, it follows from the average frame rate.

    Args:
        path: A video, or one in an archive (`clips.zip/a.mp4`); also an animated GIF or PNG.
        start: Number of the first frame.
        stop: Number after the last; None for all.
        time_limit: Seconds that reading this file may take, without what its reader does between
            the frames; None for any time.
        only: Numbers of the frames that are wanted; None for all.

    Raises:
        VideoError: At once where there is no video, or one whose frames have more than
            `FRAME_PIXEL_LIMIT` pixels; after the last good frame where the file is cut off or
            damaged, no frame could be decoded or the time is used up.
    """
    index, limit = -1, WorkLimit(time_limit)
    with opened(path, limit) as (container, stream):
        # Frames before `start` are decoded too: seeking by time does not count frames.
        for index, frame in enumerate(decode(path, container, stream, limit)):
            if stop is not None and index >= stop:
                return
            if index >= start and (only is None or index in only):
                time = _time(frame, index, stream)
                yield Frame(index, time, _upright(path, frame), frame.is_corrupt)
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
        codec: "h264" or "hevc" for people, "ffv1" for lossless RGB.
        crf: Quality of the first two, 0 (best) to 51.
        audio_from: A file whose first audio track is copied, when it has one.
        audio_start: Second of that file which frame 0 shows.
        colours: What the stream says of its colours, in which the frames' values are already; None
            is BT.709, and for lossless RGB nothing.

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
        colours: Colours | None = None,
    ) -> None:
        self.path, self.width, self.height = path, width, height
        self.frame_rate = Fraction(frame_rate).limit_denominator(1_000_000)
        self.codec, self.crf = codec, crf
        self.colours = colours or (Colours() if codec == "ffv1" else BT709)
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
        frame = convert(frame, self._stream.pix_fmt or "", self.colours)
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
            self._stream = add_stream(
                container, self.codec, size, self.frame_rate, self.crf, self.colours
            )
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
