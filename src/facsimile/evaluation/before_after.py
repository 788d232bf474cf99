"""Pictures before and after restoration, from the worst restored to the best."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from facsimile.data.held_out import Pair
from facsimile.evaluation.enhancement import NET
from facsimile.evaluation.pictures import Row, sheet
from facsimile.evaluation.restored_identity import Image
from facsimile.evaluation.test_pairs import DegradedPairs

WORST, ACROSS = 20, 10
HEIGHT = 128  # pixels
Restorers = Mapping[str, Callable[[list[Image]], list[Image]]]


def worst_first(per_image: pd.DataFrame, worst: int = WORST, others: int = ACROSS) -> list[str]:
    """The paths of the faces to show of one set, from the lowest PSNR of the net to the highest.

    The `worst` ones; then `others` that are evenly spaced among the rest up to the best, half of
    them colour and half grey where there are so many.
    """
    ordered = per_image[per_image["method"] == NET].sort_values("psnr", kind="stable")
    rest = ordered.iloc[worst:]
    tones = [those for _, those in rest.groupby("tone")]
    spaced = [those.iloc[_spaced(len(those), others // len(tones))] for those in tones]
    shown = pd.concat([ordered.head(worst), *spaced]).sort_values("psnr", kind="stable")
    return list(shown["path"])


def before_and_after(
    measured: pd.DataFrame, rows: pd.DataFrame, pairs: DegradedPairs, restorers: Restorers
) -> Image:
    """A sheet of blocks of ten pictures: degraded, restored by each of `restorers`, original.

    Args:
        measured: What all methods made of one set.
        rows: That set's rows of degraded.parquet.
        pairs: Reads them.
        restorers: What restores degraded images, by the words that stand above them.
    """
    shown = worst_first(measured)
    read = pairs.read(rows.set_index("gt", drop=False).loc[shown])
    psnr = measured[measured["method"] == NET].set_index("path")["psnr"].loc[shown]
    strips: list[Row] = []
    for start in range(0, len(shown), ACROSS):
        block = slice(start, start + ACROSS)
        strips += _block(read[block], _heading(start, list(psnr)[block]), restorers)
    return sheet(strips, HEIGHT)


def _block(pairs: list[Pair], heading: str, restorers: Restorers) -> list[Row]:
    lq = [pair.lq for pair in pairs]
    restored = [(name, restore(lq)) for name, restore in restorers.items()]
    return [(heading, lq), *restored, ("original", [pair.gt for pair in pairs])]


def _heading(start: int, psnr: list[float]) -> str:
    which = f"worst {start + 1} to {start + len(psnr)}" if start < WORST else "of the others"
    return f"degraded: {which}, restored by the net to {psnr[0]:.1f} ... {psnr[-1]:.1f} dB"


def _spaced(count: int, wanted: int) -> list[int]:
    """Up to `wanted` of `count` places, evenly spaced, the last one among them.

    >>> _spaced(10, 4), _spaced(2, 4), _spaced(0, 4)
    ([2, 4, 6, 9], [0, 1], [])
    """
    places = np.linspace(0, count, min(wanted, count) + 1)[1:] - 1
    return [int(place) for place in places.round()]
