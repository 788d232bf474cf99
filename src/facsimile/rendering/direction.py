"""All that is made of one direction of a swap pair: for evaluation, and for people."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from facsimile.faces.detect import Detector
from facsimile.media.progress import FrameProgress
from facsimile.media.video import read_frames
from facsimile.rendering.choice import Choice, largest
from facsimile.rendering.people import Publication
from facsimile.rendering.preview import side_by_side
from facsimile.rendering.render import Renderer
from facsimile.rendering.segment import Segment
from facsimile.rendering.track import length, some_face, track, with_track, write_track
from facsimile.threads import prefetch

Image = UInt8[np.ndarray, "_ _ 3"]


@dataclass(frozen=True)
class Direction:
    """A's identity on the frames of one of B's clips.

    Args:
        name: `A_to_B`, in subjects.
        segment: B's frames.
        make_detector: Makes what finds B's face, one for each thread.
        swap: Renders with the trained net.
        still: Renders with one picture of A, the baseline.
        publication: How the files for people are written.
        choose: Which of a frame's faces is B's.
    """

    name: str
    segment: Segment
    make_detector: Callable[[], Detector]
    swap: Renderer
    still: Renderer
    publication: Publication
    choose: Choice = largest

    def make(self, folder: Path, progress: FrameProgress) -> None:
        """Write what is missing in a folder: `lossless/`, unsigned and always of the same bytes.

        And `signed/`, which holds what people look at. Each file is whole or absent, so that a
        run that was killed goes on with the next one.

        Raises:
            NoFace: B's clip shows none.
        """
        lossless, signed = folder / "lossless", folder / "signed"
        swapped = lossless / f"{self.name}.mkv"
        found = lossless / f"{self.name}.parquet"
        steps: list[tuple[Path, Callable[[Path, FrameProgress], None]]] = [
            (found, self._track),
            (swapped, lambda path, bar: self._render(self.swap, found, path, bar)),
            (
                lossless / f"still_{self.name}.mkv",
                lambda path, bar: self._render(self.still, found, path, bar),
            ),
            (signed / f"{self.name}.mp4", lambda path, bar: self._encode(swapped, path, bar)),
            (
                signed / f"side_by_side_{self.name}.mp4",
                lambda path, bar: self._compare(swapped, path, bar),
            ),
            (
                signed / f"preview_{self.name}.png",
                lambda path, _: self._preview(swapped, length(found), path),
            ),
        ]
        for path, step in steps:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                step(path, progress)

    def _track(self, path: Path, progress: FrameProgress) -> None:
        found = track(self.segment.frames(), self.make_detector, self.choose)
        tracked = some_face(found, self.segment.path)
        write_track(progress.watch(tracked, f"{self.name}: find", self.segment.count()), path)

    def _render(self, renderer: Renderer, found: Path, path: Path, progress: FrameProgress) -> None:
        frames = renderer(with_track(self.segment.frames(), found))
        with self.segment.lossless(path) as writer:
            self._write(frames, writer.write, path, progress)

    def _encode(self, swapped: Path, path: Path, progress: FrameProgress) -> None:
        with self.publication.clip(path, self.segment) as write:
            self._write(_images(swapped), write, path, progress)

    def _compare(self, swapped: Path, path: Path, progress: FrameProgress) -> None:
        pairs = side_by_side((one.image for one in self.segment.frames()), _images(swapped))
        with self.publication.clip(path, self.segment, columns=2) as write:
            self._write(pairs, write, path, progress)

    def _preview(self, swapped: Path, total: int, path: Path) -> None:
        targets = (one.image for one in self.segment.frames())
        results = map(self.publication.labelled, _images(swapped))
        self.publication.preview(path, targets, results, total)

    def _write(
        self,
        frames: Iterable[Image],
        write: Callable[[Image], None],
        path: Path,
        progress: FrameProgress,
    ) -> None:
        label = f"{self.name}: {path.name}"
        for frame in progress.watch(prefetch(frames), label, self.segment.count()):
            write(frame)


def _images(path: Path) -> Iterator[Image]:
    return (frame.image for frame in read_frames(path))
