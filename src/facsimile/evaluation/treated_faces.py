"""Faces that were degraded once and restored: what a detector learns from or is tested on."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from torch import nn

from facsimile.data.held_out import Photo, degrade_once
from facsimile.degradations.protocol import Degradation
from facsimile.evaluation.enhancement import restore
from facsimile.filters.protocol import Filter
from facsimile.media.image import read_image

Image = UInt8[np.ndarray, "_ _ 3"]
#: Images, RGB, to as many of the same sizes.
Restorer = Callable[[list[Image]], list[Image]]
_AT_ONCE = 64
_DRAW = "test"  # as an evaluation's own degradation is drawn


def untouched(images: list[Image]) -> list[Image]:
    """No restoration."""
    return images


def by_filter(one: Filter) -> Restorer:
    """A filter, on one image after another."""
    return lambda images: [one(image) for image in images]


def by_net(net: nn.Module) -> Restorer:
    """A restoration net that gives back images of their size."""
    return partial(restore, net=net)


def degraded_faces(
    rows: pd.DataFrame, degradation: Degradation
) -> Iterator[tuple[pd.DataFrame, list[Image]]]:
    """The faces of `labelled_faces`, degraded with a draw from their paths, in portions of rows."""
    for start in range(0, len(rows), _AT_ONCE):
        part = rows.iloc[start : start + _AT_ONCE]
        told = zip(part["path"], part["subject"], part["file"], strict=True)
        photos = (Photo(path, subject, read_image(Path(file))) for path, subject, file in told)
        yield part, [degrade_once(photo, degradation, _DRAW).lq for photo in photos]
