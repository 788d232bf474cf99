"""Opening a video file and decoding it as far as it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from facsimile.errors import UserError

if TYPE_CHECKING:
    _Packet = av.Packet[VideoStream]
else:  # PyAV's class takes a parameter in its stub only
    _Packet = av.Packet

_TOLERANCE = 0.1  # seconds by which a file's duration and its last packet may disagree


class VideoError(UserError):
    """A video cannot be read, or not to its end, or not be written."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A video file and its first video stream; raises VideoError where there is none."""
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


def decode(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    """Every frame that can be decoded; then raises VideoError if some could not."""
    damaged = False
    for packet in _packets(container, stream):
        damaged |= packet is None or packet.is_corrupt
        try:
            yield from stream.decode(packet)
        except av.FFmpegError:
            damaged = True
    if damaged:
        raise VideoError(f"cannot read all of {path}: it is cut off or damaged")


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[_Packet | None]:
    """The stream's packets; where the file breaks off, None, which flushes the decoder."""
    end = 0.0
    try:
        for packet in container.demux(stream):
            if packet.pts is not None and packet.time_base is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            yield packet
    except av.FFmpegError:
        yield None
        return
    if _claimed_end(container, stream) > end + _TOLERANCE:
        yield None


def _claimed_end(container: InputContainer, stream: VideoStream) -> float:
    """Second at which a Matroska file says that its pictures end; 0 for other files.

    A cut-off Matroska file just ends; in others, the packets that the index promises are missed.
    """
    if stream.duration is not None or "matroska" not in container.format.name:
        return 0.0
    if tag := stream.metadata.get("DURATION"):
        hours, minutes, seconds = (float(part) for part in tag.split(":"))
        return hours * 3600 + minutes * 60 + seconds
    if container.duration is None or len(container.streams) > 1:
        return 0.0
    return container.duration / av.time_base
