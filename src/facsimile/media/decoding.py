"""Decoding an opened video as far as it goes."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from facsimile.media.opening import FAILURES, LARGE, VideoError, too_large
from facsimile.media.work_limit import WorkLimit

if TYPE_CHECKING:
    _Packet = av.Packet[VideoStream]
else:  # PyAV's class takes a parameter in its stub only
    _Packet = av.Packet

_TOLERANCE = 0.1  # seconds by which a file's duration and its last packet may disagree
_MORE = 1000  # packets beyond one a byte: nothing honest comes near it


def decode(
    path: Path, container: InputContainer, stream: VideoStream, limit: WorkLimit
) -> Iterator[av.VideoFrame]:
    """Every frame that can be decoded; then raises VideoError if some could not."""
    damaged, most = False, container.size + _MORE
    for number, packet in enumerate(_packets(container, stream)):
        damaged |= packet is None or packet.is_corrupt
        try:
            frames = stream.decode(packet)
        except FAILURES:
            damaged, frames = True, []
        _check(path, limit, circles=number > most)
        for frame in frames:
            too_large(path, frame.width, frame.height)
            with limit.paused():
                yield frame
    _check(path, limit)
    if damaged:
        # FFmpeg's decoders refuse what is over the limit without a size.
        or_large = "" if stream.codec_context.width else f", or {LARGE}"
        raise VideoError(f"cannot read all of {path}: it is cut off or damaged{or_large}")


def _check(path: Path, limit: WorkLimit, circles: bool = False) -> None:
    if limit.over:
        raise VideoError(f"cannot read all of {path}: {limit}")
    if circles:
        raise VideoError(f"cannot read all of {path}: it claims more frames than it has bytes")


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[_Packet | None]:
    """The stream's packets; where the file breaks off, None, which flushes the decoder."""
    end = 0.0
    try:
        for packet in container.demux(stream):
            if packet.pts is not None and packet.time_base is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            yield packet
    except FAILURES:
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
        return _seconds(tag)
    if container.duration is None or len(container.streams) > 1:
        return 0.0
    return container.duration / av.time_base


def _seconds(tag: str) -> float:
    try:
        hours, minutes, seconds = (float(part) for part in tag.split(":"))
    except ValueError:
        return math.inf  # the tag itself is damaged
    return hours * 3600 + minutes * 60 + seconds
