"""What a restoration net, or a filter, makes of every picture of the fixed test sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from torch import Tensor, nn

from facsimile.cores import usable_cores
from facsimile.data.batches import net_input
from facsimile.data.held_out import Pair
from facsimile.evaluation.restored_identity import IDENTITY, LANDMARKS, Embedder, Image, likeness
from facsimile.evaluation.test_pairs import DegradedPairs
from facsimile.filters.protocol import Filter
from facsimile.metrics.keras_accuracy import matches
from facsimile.metrics.pixel_cosine import pixel_cosine
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import ssim
from facsimile.metrics.within import within
from facsimile.threads import in_order

Row = dict[str, Any]
NET, NO_OP, BLIND_CHAIN, CONSTANT_RED = "net", "no_op", "blind_chain", "constant_red"
_PICTURE = [
    ("degradation", pa.string()),
    ("strength", pa.float64()),
    ("path", pa.string()),
    ("subject", pa.string()),
    ("clip", pa.string()),
    ("tone", pa.string()),
]
_FIGURES = ("psnr", "ssim", "pixel_cosine", "within_0.1", "keras_accuracy")
_MEASURES = [(name, pa.float64()) for name in _FIGURES]
_COUNTS = [("matches", pa.int64()), ("pixels", pa.int64())]
#: A row a picture and method; `path` is the `gt` of degraded.parquet, the face before.
PER_IMAGE = pa.schema([*_PICTURE, ("method", pa.string()), *_MEASURES, *_COUNTS])
#: Likewise where an embedder looked.
WITH_IDENTITY = PER_IMAGE.append(pa.field(IDENTITY, pa.float64()))
BATCH = 8


def constant_red(image: Image) -> Image:
    """Pure red: what a careless accuracy takes for a good restoration of faces."""
    red = np.zeros_like(image)
    red[..., 0] = 255
    return red


def enlarging(restore: Filter, scale: int) -> Filter:
    """Let a filter be followed by bicubic enlargement, or by nothing where `scale` is 1.

    >>> enlarging(constant_red, 2)(np.zeros((1, 2, 3), np.uint8)).shape
    (2, 4, 3)
    """
    return restore if scale == 1 else partial(_enlarged, restore=restore, scale=scale)


def measure_net(
    net: nn.Module, pairs: DegradedPairs, rows: pd.DataFrame, embedders: Sequence[Embedder] = ()
) -> Iterator[Row]:
    """Measure a net on every picture, in their order; yields a row for each.

    Args:
        net: RGB in 0..1 to RGB, `pairs.scale` times as large, in float32; put into evaluation
            mode.
        pairs: The pictures.
        rows: Which of them; those with landmarks of the face before are looked at by an embedder.
        embedders: One for each thread; none: nobody asks whose face it is.
    """
    net.eval()

    def of_one(embedder: Embedder | None, work: tuple[Row, Pair, Image]) -> Row:
        picture, pair, restored = work
        return _Measured(picture, pair.gt, embedder).row(NET, restored)

    for some, those in pairs.portions(rows):
        restored = restore([pair.lq for pair in those], net)
        work: Iterable[Any] = zip(some.to_dict("records"), those, restored, strict=True)
        yield from in_order(_workers(embedders), of_one, work)


def measure_filters(
    filters: Mapping[str, Filter],
    pairs: DegradedPairs,
    rows: pd.DataFrame,
    embedders: Sequence[Embedder] = (),
) -> Iterator[list[Row]]:
    """Measure filters on every picture, in their order; yields the rows of all filters for each.

    Args:
        filters: By name; their results are as large as what the pictures were before.
        pairs: The pictures.
        rows: As for `measure_net`; a boolean column named like a filter says which ones it is run
            on.
        embedders: As for `measure_net`.
    """

    def of_one(embedder: Embedder | None, work: tuple[Row, Pair]) -> list[Row]:
        picture, pair = work
        measured = _Measured(picture, pair.gt, embedder)
        wanted = (name for name in filters if picture.get(name, True))
        return [measured.row(name, filters[name](pair.lq)) for name in wanted]

    portions = pairs.portions(rows)
    work: Iterable[Any] = (
        one for some, those in portions for one in zip(some.to_dict("records"), those, strict=True)
    )
    yield from in_order(_workers(embedders), of_one, work)


def every_so_many(rows: pd.DataFrame, every: int) -> "pd.Series[bool]":
    """Mark the first and then each `every`-th picture of each fixed set, and none of a series."""
    return rows["fixed"] & (rows.groupby(["degradation", "fixed"]).cumcount() % every == 0)


@torch.inference_mode()
def restore(images: list[Image], net: nn.Module, batch: int = BATCH) -> list[Image]:
    """Run the net over images of any sizes; neighbours of one size share a batch."""
    restored: list[Image] = []
    for _, group in groupby(images, key=lambda image: image.shape):
        alike = list(group)
        for start in range(0, len(alike), batch):
            stack = torch.from_numpy(np.stack(alike[start : start + batch]))
            restored += _to_images(net(net_input(stack)))
    return restored


def _enlarged(image: Image, restore: Filter, scale: int) -> Image:
    restored = restore(image)
    return np.asarray(
        cv2.resize(restored, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8
    )


def _workers(embedders: Sequence[Embedder]) -> Sequence[Embedder | None]:
    """One for each thread: OpenCV and numpy let go of the interpreter's lock."""
    return embedders or [None] * usable_cores()


class _Measured:
    """A picture of the test sets, against which what methods make of it is measured."""

    def __init__(self, picture: Row, gt: Image, embedder: Embedder | None) -> None:
        told = picture | {"path": picture["gt"]}
        self.picture = {key: told[key] for key, _ in _PICTURE}
        self.gt = gt
        self.identity = None
        if embedder is not None:
            self.identity = likeness(embedder, gt, picture[LANDMARKS])

    def row(self, method: str, preds: Image) -> Row:
        """The row of one method's result."""
        gt = self.gt
        matched, pixels = matches(preds, gt)
        identity = {IDENTITY: self.identity(preds)} if self.identity else {}
        return self.picture | {
            "method": method,
            "psnr": psnr(preds, gt),
            "ssim": ssim(preds, gt),
            "pixel_cosine": pixel_cosine(preds, gt),
            "within_0.1": within(preds, gt, 0.1),
            "keras_accuracy": matched / pixels,
            "matches": matched,
            "pixels": pixels,
            **identity,
        }


def _to_images(batch: Tensor) -> list[Image]:
    levels = batch.float().clamp(0, 1).mul(255).round().to(torch.uint8)
    return list(levels.permute(0, 2, 3, 1).contiguous().numpy())
