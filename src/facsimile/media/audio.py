"""Copying an audio track from one file into another, packet by packet."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from facsimile.errors import UserError

if TYPE_CHECKING:
    _Packet = av.Packet[AudioStream]
else:  # PyAV's class takes a parameter in its stub only
    _Packet = av.Packet

_TOLERANCE = 0.1  # seconds by which a file's duration and its number of frames may disagree


class AudioCopy:
    """The first audio track of a file, shifted so that second `start` of it becomes 0.

    The packets are copied, not encoded again. A file without audio, or None, copies nothing.
    Times count from the first video frame of the file, where it has one.
    """

    def __init__(self, source: Path | None, start: float = 0.0) -> None:
        self.source, self.start = source, Fraction(start)
        self._stack = ExitStack()
        self._packets: Iterator[_Packet] = iter(())
        self._waiting: _Packet | None = None
        self._video_end = math.inf

    def __enter__(self) -> "AudioCopy":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def attach(self, output: OutputContainer) -> None:
        """Open the source and declare its track in `output`, before the first packet is written.

        Raises UserError when the source cannot be read or `output` cannot hold its codec.
        """
        if self.source is None:
            return
        try:
            container = self._stack.enter_context(
                av.open(f"file:{self.source}", metadata_errors="ignore")
            )
        except (av.FFmpegError, OSError) as error:
            raise UserError(f"cannot read audio from {self.source}: {error}") from error
        if container.streams.audio:
            track = container.streams.audio[0]
            self._video_end = _video_end(container)
            self._packets = self._shifted(container, track, _declare(track, output, self.source))

    def _shifted(
        self, container: InputContainer, track: AudioStream, target: AudioStream
    ) -> Iterator[_Packet]:
        origin = self.start + _video_start(container)
        try:
            for packet in container.demux(track):
                if packet.dts is None or packet.pts is None or packet.time_base is None:
                    continue
                # From the very start everything is kept: an encoder's lead-in lies before 0.
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
                if self.start and end <= origin:
                    continue
                shift = round(origin / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = target
                yield packet
        except av.FFmpegError:
            return  # a cut-off file: the audio ends where the file does

    def finish(self, time: Fraction, output: OutputContainer) -> None:
        """Write what is left, up to `time` seconds, where the pictures end.

        Where the pictures are those of the source to its end, its sound is copied to its end.
        """
        whole = self.start + time >= self._video_end - _TOLERANCE
        self.copy_until(math.inf if whole else time, output)

    def copy_until(self, time: Fraction | float, output: OutputContainer) -> None:
        """Write the packets that begin before `time` seconds and are not yet written."""
        while (packet := self._waiting or next(self._packets, None)) is not None:
            self._waiting = packet
            if (
                packet.pts is None
                or packet.time_base is None
                or packet.pts * packet.time_base >= time
            ):
                return
            self._waiting = None
            output.mux(packet)


def _video_end(container: InputContainer) -> float:
    """Second at which the pictures end, as the file says; infinite where it does not."""
    for stream in container.streams.video:
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
    return math.inf


def _video_start(container: InputContainer) -> Fraction:
    for stream in container.streams.video:
        if stream.start_time is not None and stream.time_base is not None:
            return stream.start_time * stream.time_base
    return Fraction(0)


def _declare(track: AudioStream, output: OutputContainer, source: Path) -> AudioStream:
    try:
        return output.add_stream_from_template(track)
    except (av.FFmpegError, ValueError) as error:
        name, kind = track.codec_context.name, output.format.name
        raise UserError(
            f"audio of {source} ({name}) cannot be copied into {kind}: convert it to AAC first"
        ) from error
