"""A rendered direction beside its target's frames, as its evaluation goes through them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facsimile.errors import UserError
from facsimile.evaluation.pictures import sheet
from facsimile.evaluation.swap import Direction, Frame
from facsimile.media.video import probe, read_frames
from facsimile.pipelines.held_out import frames_of, target_segment
from facsimile.pipelines.signing import signer
from facsimile.pipelines.stated import target_ground
from facsimile.rendering.preview import spread

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.pipelines.face_model import FaceModel

EXAMPLES = 6


class Clip:
    """A direction's target frames beside what was rendered of them, and a few kept to be shown."""

    def __init__(
        self, cfg: DictConfig, direction: Direction, files: dict[str, Path], model: FaceModel
    ) -> None:
        self.direction, self.name = direction, direction.name
        self.segment = target_segment(cfg, direction.target)
        ground = target_ground(cfg, self.segment.path, model.target)
        self.files, self.sign = files, signer(model, self.segment.path, ground)
        self.own = frames_of(cfg, self.segment, direction.target)
        frames = probe(files["swap"]).frames or self.segment.count()
        self.count = frames if self.own is None else len(self.own)
        self.others, self.others_swapped = 0, 0
        self.kept: list[Frame] = []

    def __iter__(self) -> Iterator[Frame]:
        shown = set(spread(EXAMPLES, self.count or 1))
        streams = [self.segment.frames(), *(read_frames(path) for path in self.files.values())]
        for place, (target, *rendered) in enumerate(filter(self._own, self._in_step(streams))):
            images = {row: one.image for row, one in zip(self.files, rendered, strict=True)}
            frame = Frame(target.index, target.image, images)
            if place in shown:
                self.kept.append(frame)
            yield frame

    def _own(self, streams: tuple[Any, ...]) -> bool:
        """Whether a frame shows the target's person; where it does not, nobody is to be swapped."""
        target, swapped = streams[:2]
        if self.own is None or target.index in self.own:
            return True
        self.others += 1
        self.others_swapped += not np.array_equal(target.image, swapped.image)
        return False

    def others_swapped_share(self) -> dict[str, float]:
        """The share of other people's frames that were changed, below a metric's name, if any."""
        if not self.others:
            return {}
        return {f"test/swap/{self.name}/others_swapped": self.others_swapped / self.others}

    def _in_step(self, streams: list[Iterator[Any]]) -> Iterator[tuple[Any, ...]]:
        try:
            yield from zip(*streams, strict=True)
        except ValueError as error:
            names = ", ".join(map(str, (self.segment.path, *self.files.values())))
            raise UserError(f"not as many frames in {names}: render again") from error

    def pairs(self, indices: Collection[int]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """The target's frames at indices of its video, each with the swapped one."""
        start = self.segment.start
        places = {index - start for index in indices}
        targets = read_frames(self.segment.path, start, self.segment.stop, only=indices)
        swapped = read_frames(self.files["swap"], only=places)
        pairs = zip(targets, swapped, strict=True)
        return {target.index: (target.image, result.image) for target, result in pairs}

    def examples(self) -> np.ndarray:
        """Evenly spaced frames: target, swap, pasted still."""
        rows = [
            ("target", [frame.target for frame in self.kept]),
            ("swap", [frame.rows["swap"] for frame in self.kept]),
            ("a pasted still of the source", [frame.rows["still"] for frame in self.kept]),
        ]
        return sheet(rows, height=240, synthetic={rows[1][0], rows[2][0]})
