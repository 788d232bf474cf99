"""Stress sets: clips under the conditions of a music video, each a seeded recipe."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from facsimile.data.stress_cuts import Box, Cuts, Image, Source, edited
from facsimile.degradations.over_time.chain import in_turn
from facsimile.degradations.over_time.protocol import VideoDegradation
from facsimile.degradations.ranges import Range, whole_span
from facsimile.media.codecs import Codec
from facsimile.media.video import Frame

#: One row a frame of a stressed clip: what it shows. `frame` counts from 0 and `time` in seconds
#: from the first; `source_frame` is the number in the clip that it was taken of, `subject` the
#: person there, empty where nobody knows; the crop is the part of that frame which is seen, in its
#: pixels.
FRAMES = pa.schema(
    [
        ("frame", pa.int64()),
        ("time", pa.float64()),
        ("source_clip", pa.string()),
        ("source_frame", pa.int64()),
        ("subject", pa.string()),
        *((f"crop_{side}", pa.int32()) for side in ("x", "y", "w", "h")),
    ]
)
_CUTS, _CODE = "cuts", "code"


class Stress:
    """One condition: how clips are cut, what happens to their frames, and how they are coded.

    Whatever is drawn is a function of the seed, the clip, and the name of what draws. So a
    condition that combines others has the very light, shadows and cuts that they have alone.

    Args:
        name: Of the condition.
        effects: What happens to the frames, in this order.
        cuts: How clips are cut together; None leaves them as they are.
        codec: As in `VideoWriter`.
        crf: libx264's constant rate factor, whole numbers, drawn once a clip.
    """

    # no dataclass: Hydra would take one within a mapping for a configuration
    def __init__(
        self,
        name: str,
        effects: Sequence[VideoDegradation] = (),
        cuts: Cuts | None = None,
        codec: Codec = "h264",
        crf: Range = 18,
    ) -> None:
        self.name, self.codec, self.cuts = name, codec, cuts
        self.effects = {f"{name}/{number}": effect for number, effect in enumerate(effects)}
        self.range = whole_span(crf, 0, 51)

    def crf(self, seed: int, clip: str) -> int:
        """The quality of this clip."""
        return int(_rng(seed, _CODE, clip).integers(self.range[0], self.range[1] + 1))

    def frames(
        self, sources: Sequence[Source], seed: int
    ) -> Iterator[tuple[Image, dict[str, Any]]]:
        """The stressed frames of the first source, each with its row of FRAMES.

        Args:
            sources: The clip, and those that it may be cut with.
            seed: Of all that is drawn.
        """
        clip = sources[0].clip
        degrade = in_turn([one.drawn(_rng(seed, key, clip)) for key, one in self.effects.items()])
        shown = self._shown(sources, _rng(seed, _CUTS, clip))
        for number, (time, source, frame, picture, box) in enumerate(shown):
            row = {"frame": number, "time": time, "source_clip": source.clip}
            crop = {f"crop_{side}": n for side, n in zip("xywh", box, strict=True)}
            whom = {"source_frame": frame.index, "subject": source.subject}
            yield degrade(picture, time), row | whom | crop

    def _shown(
        self, sources: Sequence[Source], rng: np.random.Generator
    ) -> Iterator[tuple[float, Source, Frame, Image, Box]]:
        if self.cuts is not None:
            yield from edited(sources, self.cuts, rng)
            return
        first = None
        for frame in sources[0].frames():
            first = frame.time if first is None else first
            box = (0, 0, frame.image.shape[1], frame.image.shape[0])
            yield frame.time - first, sources[0], frame, frame.image, box


def combined(name: str, parts: Mapping[str, Stress]) -> Stress:
    """Several conditions at once: their effects in this order, their cuts and their codec.

    Raises:
        ValueError: More than one of them cuts.
    """
    cuts = [part.cuts for part in parts.values() if part.cuts is not None]
    if len(cuts) > 1:
        raise ValueError(f"{name}: of {', '.join(parts)} only one may cut")
    made = Stress(name, cuts=cuts[0] if cuts else None)
    for part in parts.values():
        made.effects |= part.effects
        if part.range[1] > made.range[1]:  # the worst quality is what remains to be seen
            made.range, made.codec = part.range, part.codec
    return made


def _rng(seed: int, what: str, clip: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(f"{what}/{clip}".encode())])
