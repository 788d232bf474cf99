"""One clip rendered from end to end in a single pass, for people."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from facsimile.faces.detect import Detector
from facsimile.media.progress import FrameProgress
from facsimile.media.video import read_frames
from facsimile.rendering.people import Sign, signed_copy, write_preview
from facsimile.rendering.render import Renderer
from facsimile.rendering.segment import Segment
from facsimile.rendering.track import Tracked, track
from facsimile.threads import prefetch


@dataclass
class Tally:
    """How many frames went by, and in how many of them a face was found."""

    frames: int = 0
    faces: int = 0

    def count(self, tracked: Iterable[Tracked]) -> Iterator[Tracked]:
        """Pass a stream on and count it."""
        for one in tracked:
            self.frames += 1
            self.faces += one.landmarks is not None
            yield one


def render_clip(
    segment: Segment,
    make_detector: Callable[[], Detector],
    renderer: Renderer,
    crf: int,
    sign: Sign,
    path: Path,
    preview: Path | None,
    progress: FrameProgress,
) -> Tally:
    """Write a signed mp4, and where asked for a signed grid of some of its frames.

    Args:
        segment: What is rendered.
        make_detector: Makes what finds the faces, one for each thread.
        renderer: Swaps them.
        crf: Quality of the H.264 file.
        sign: Writes a signed copy of a finished file.
        path: The mp4.
        preview: The grid's png; None for none.
        progress: Where the frames are counted.
    """
    tally = Tally()
    tracked = tally.count(track(segment.frames(), make_detector))
    with signed_copy(path, sign) as unsigned, segment.viewable(unsigned, crf) as writer:
        for frame in progress.watch(prefetch(renderer(tracked)), path.name, segment.count()):
            writer.write(frame)
    # after the clip has its name: what goes wrong here does not cost the whole rendering
    if preview is not None:
        _write_pairs(segment, path, tally.frames, preview, sign)
    return tally


def _write_pairs(segment: Segment, result: Path, total: int, path: Path, sign: Sign) -> None:
    """Target frames above those of the result."""
    rows: list[Iterator[UInt8[np.ndarray, "_ _ 3"]]] = [
        (frame.image for frame in segment.frames()),
        (frame.image for frame in read_frames(result)),
    ]
    with signed_copy(path, sign) as unsigned:
        write_preview(rows, total, unsigned)
