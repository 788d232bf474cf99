"""A picture or video that is measured, as a stream of upright frames."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from facsimile.media.header import image_header
from facsimile.media.image import read_image
from facsimile.media.members import read_media
from facsimile.media.sniff import HEAD, image_format
from facsimile.media.video import Frame, VideoError, probe, read_frames


@dataclass(frozen=True)
class Source:
    """A picture or video, as what it says of itself; a picture is one frame without a rate."""

    path: Path
    rate: Fraction | None
    width: int
    height: int
    frames: int | None
    details: Mapping[str, object]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of an upright frame."""
        return self.width, self.height

    def read(self, notes: list[str]) -> Iterator[Frame]:
        """The frames, upright; where a video breaks off, it ends there, and a note says so.

        Raises:
            UserError: Not even the first can be read.
        """
        if self.rate is None:
            yield Frame(0, 0.0, read_image(self.path))
            return
        count = 0
        try:
            for frame in read_frames(self.path):
                yield frame
                count += 1
        except VideoError as error:
            if not count:
                raise
            notes.append(f"{error}; its {count} frames before that are used.")


def source_of(path: Path) -> Source:
    """What a file is, by its content.

    Raises:
        UserError: It is neither a picture nor a video that can be read.
    """
    if _is_still(path):
        height, width = read_image(path).shape[:2]
        return Source(path, None, width, height, 1, {"kind": "image"})
    info = probe(path)
    colours = info.colours
    details = {
        "kind": "video",
        "frame_rate": str(info.frame_rate),
        "rotation": info.rotation,
        "primaries": colours.primaries,
        "transfer": colours.transfer,
        "matrix": colours.matrix,
        "full_range": colours.full,
    }
    return Source(path, info.frame_rate, info.width, info.height, info.frames, details)


def _is_still(path: Path) -> bool:
    with path.open("rb") as file:
        if image_format(file.read(HEAD)) is None:
            return False
    header = image_header(read_media(path))
    return header is None or not header.animated
