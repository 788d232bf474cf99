"""One clip rendered from end to end in a single pass, for people."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from time import perf_counter

from facsimile.faces.detect import Detector
from facsimile.media.progress import FrameProgress
from facsimile.media.video import probe, read_frames
from facsimile.rendering.choice import Choice
from facsimile.rendering.people import Publication
from facsimile.rendering.render import Renderer
from facsimile.rendering.segment import Segment
from facsimile.rendering.track import Tracked, some_face, track
from facsimile.threads import prefetch


@dataclass
class Tally:
    """What went by while a clip was rendered.

    Args:
        rate: The clip's own frames a second.
        frames: How many went by.
        faces: In how many of them a face was replaced.
        others: In how many there were faces, and none that was to be replaced.
        seconds: That it took.
        drift: How far, in seconds, a frame was at most from its place at an even rate.
    """

    rate: Fraction
    frames: int = 0
    faces: int = 0
    others: int = 0
    seconds: float = 0.0
    drift: float = 0.0

    def count(self, tracked: Iterable[Tracked]) -> Iterator[Tracked]:
        """Pass a stream on and count it."""
        first = None
        for one in tracked:
            first = one.frame.time if first is None else first
            even = float(self.frames / self.rate)
            self.drift = max(self.drift, abs(one.frame.time - first - even))
            self.frames += 1
            self.faces += bool(one.faces)
            self.others += bool(one.passed and not one.faces)
            yield one

    @property
    def speed(self) -> float:
        """Frames rendered a second."""
        return self.frames / max(self.seconds, 1e-9)

    @property
    def real_time(self) -> float:
        """The speed in terms of the clip's own rate: from 1 on it could be played as it is made."""
        return self.speed / float(self.rate)

    @property
    def uneven(self) -> bool:
        """Whether the frame rate varies: by a frame and more."""
        return self.drift * self.rate >= 1


def render_clip(
    segment: Segment,
    make_detector: Callable[[], Detector],
    choose: Choice,
    renderer: Renderer,
    publication: Publication,
    path: Path,
    preview: Path | None,
    progress: FrameProgress,
) -> Tally:
    """Write a signed mp4, and where asked for a signed grid of some of its frames.

    Args:
        segment: What is rendered.
        make_detector: Makes what finds the faces, one for each thread.
        choose: Which of them are replaced.
        renderer: Swaps them.
        publication: How the files are written.
        path: The mp4.
        preview: The grid's png; None for none.
        progress: Where the frames are counted.

    Raises:
        NoFace: None was found; nothing is written.
    """
    tally, started = Tally(probe(segment.path).frame_rate), perf_counter()
    found = track(segment.frames(), make_detector, choose)
    tracked = tally.count(some_face(found, segment.path))
    with publication.clip(path, segment) as write:
        for frame in progress.watch(prefetch(renderer(tracked)), path.name, segment.count()):
            write(frame)
    tally.seconds = perf_counter() - started
    # after the clip has its name: what goes wrong here does not cost the whole rendering
    if preview is not None:
        targets = (frame.image for frame in segment.frames())
        results = (frame.image for frame in read_frames(path))
        publication.preview(preview, targets, results, tally.frames)
    return tally
