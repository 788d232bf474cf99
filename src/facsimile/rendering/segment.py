"""The stretch of a video that is rendered."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from facsimile.media.codecs import Codec
from facsimile.media.video import Frame, VideoWriter, probe, read_frames


@dataclass(frozen=True)
class Segment:
    """Frames `start` up to but not including `stop` of a video; None is its end."""

    path: Path
    start: int = 0
    stop: int | None = None

    def frames(self) -> Iterator[Frame]:
        """Decode as a stream; indices count from the video's first frame."""
        return read_frames(self.path, self.start, self.stop)

    def count(self) -> int | None:
        """How many frames to expect, as far as that is known beforehand."""
        total = self.stop if self.stop is not None else probe(self.path).frames
        return None if total is None else total - self.start

    def lossless(self, path: Path) -> VideoWriter:
        """Open an FFV1 file of this video's size and rate for what is made of it."""
        info = probe(self.path)
        return VideoWriter(path, info.width, info.height, info.frame_rate, codec="ffv1")

    def viewable(
        self, path: Path, codec: Codec = "h264", crf: int = 18, columns: int = 1
    ) -> VideoWriter:
        """Open a file that keeps the sound and the colour properties of these frames.

        Args:
            path: An mp4.
            codec: As in `VideoWriter`.
            crf: Constant rate factor, 0..51; less is better and larger.
            columns: How many frames stand beside each other.
        """
        info = probe(self.path)
        return VideoWriter(
            path,
            columns * info.width,
            info.height,
            info.frame_rate,
            codec=codec,
            crf=crf,
            audio_from=self.path,
            audio_start=float(Fraction(self.start) / info.frame_rate),
            colours=info.colours,
        )
