"""The pairs of files that `facsimile measure` goes through, and what it has to tell of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.evaluation.measure_items import SIDES, Item, Rejected
from facsimile.evaluation.measure_matching import Matching, Pair, check_sizes, matching_of, pairs
from facsimile.evaluation.measure_source import Source, source_of
from facsimile.evaluation.measure_summary import reasons, rounded, summarise
from facsimile.media.files import Made, sha256

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = "examples"
MADE = Made(("measure.json",), ("frames.parquet", "plots", "index.html", EXAMPLES))


@dataclass
class Work:
    """All items, opened one after the other, and what is left of each; bad ones are set aside.

    Args:
        items: What to measure.
        rejected: What was set aside before; more is added.
        resize: As in `measure_matching.pairs`.
        match: As in `measure_matching.matching_of`.
    """

    items: Sequence[Item]
    rejected: Rejected
    resize: str
    match: str
    done: dict[str, tuple[tuple[Source, Source], Matching]] = field(default_factory=dict)

    @property
    def total(self) -> int | None:
        """How many pairs of frames there will be, where the files say so: for a single item."""
        if len(self.items) > 1:
            return None
        sources = [source_of(path) for path in (self.items[0].reference, self.items[0].distorted)]
        claims = [source.frames for source in sources if source.frames is not None]
        return min(claims, default=None)

    def streams(self) -> Iterator[Iterator[Pair]]:
        """The pairs of each item."""
        return map(self._stream, self.items)

    def _stream(self, item: Item) -> Iterator[Pair]:
        try:
            sources = source_of(item.reference), source_of(item.distorted)
            check_sizes(*sources, self.resize)
            matching = matching_of(*sources, self.match)
            for pair in pairs(item.name, sources, matching, self.resize):
                self.done[item.name] = (sources, matching)
                yield pair
        except UserError as error:
            if item.name in self.done:  # its frames before that are among the figures
                matching.notes.append(f"{error}; the frames before that are measured.")
            else:
                self.rejected[str(item.distorted)] = str(error)

    def result(
        self, table: pd.DataFrame, settings: Mapping[str, Any], identity_every: int
    ) -> dict[str, Any]:
        """What measure.json holds: the figures, what they are of, and how they came about."""
        whole = {
            **summarise(table),
            "reasons": reasons(table, identity_every),
            "notes": [note for name in self.done for note in self._notes(name)],
            "rejected": dict(self.rejected),
            "items": [self._item(item, table) for item in self.items if item.name in self.done],
            "settings": {**settings, "resize": self.resize, "match": self.match},
        }
        result: dict[str, Any] = rounded(whole)
        return result

    def _item(self, item: Item, table: pd.DataFrame) -> dict[str, Any]:
        sources, matching = self.done[item.name]
        rows = table[table["item"] == item.name]
        return {
            "name": item.name,
            "frames": len(rows),
            "ssim_rgb": float(rows["frame/ssim_rgb"].mean()),
            "matched_by": matching.by,
            "why": matching.why,
            "largest_time_gap": matching.largest_gap,
            "skipped": matching.skipped,
            "left": matching.left,
            **{side: _file(source) for side, source in zip(SIDES, sources, strict=True)},
        }

    def _notes(self, name: str) -> Iterator[str]:
        sources, matching = self.done[name]
        yield from matching.notes
        for side, left in matching.left.items():
            if left:
                yield f"{name}: {left} frames of the {side} have no partner and are not measured."
        if matching.by == "time":
            yield (
                f"{name}: frames are matched by time ({matching.why}), at most "
                f"{matching.largest_gap * 1000:.1f} ms apart; {matching.skipped} frames of the "
                "faster video lie between two that are used."
            )
        elif _apart(sources, matching):
            yield (
                f"{name}: frames of one number are up to {matching.largest_gap:.3g} s apart; "
                "measure.match=time brings together what is shown at one time."
            )
        if sources[0].size != sources[1].size:
            sizes = " to ".join(
                f"{width}x{height}" for width, height in reversed([s.size for s in sources])
            )
            yield f"{name}: the distorted frames were resized from {sizes} ({self.resize})."


def _apart(sources: tuple[Source, Source], matching: Matching) -> bool:
    rate = sources[0].rate
    return rate is not None and matching.largest_gap > 0.5 / rate


def _file(source: Source) -> dict[str, Any]:
    return {
        "path": str(source.path),
        "sha256": sha256(source.path),
        "width": source.width,
        "height": source.height,
        **source.details,
    }
