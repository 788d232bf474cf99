"""What a restoration net is worth, beside doing nothing and beside plain filters."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from facsimile.cores import usable_cores
from facsimile.data.batches import net_input
from facsimile.data.held_out import Pair, TestSet
from facsimile.evaluation.summary import Metrics, means
from facsimile.filters.median import median
from facsimile.filters.unsharp import unsharp_mask
from facsimile.metrics.keras_accuracy import matches
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import ssim
from facsimile.metrics.within import within
from facsimile.threads import in_order

Image = UInt8[np.ndarray, "_ _ 3"]
NET = "net"
MEASURES = ("psnr", "ssim", "within_0.1")
BATCH = 8


@dataclass(frozen=True)
class Example:
    """One image under one degradation, before and after the net."""

    degradation: str
    path: str
    lq: Image
    restored: Image
    gt: Image


def constant_red(image: Image) -> Image:
    """Pure red: what a careless accuracy takes for a good restoration of faces."""
    red = np.zeros_like(image)
    red[..., 0] = 255
    return red


BASELINES: dict[str, Callable[[Image], Image]] = {
    "no_op": np.copy,
    "median3": lambda image: median(image, 3),
    "unsharp": lambda image: unsharp_mask(image, k=1.0, sigma=2.0),
    "constant_red": constant_red,
}


def evaluate_enhancement(
    net: nn.Module,
    test_set: TestSet,
    examples_per_degradation: int = 4,
) -> tuple[Metrics, pd.DataFrame, list[Example]]:
    """Measure the net and every baseline on every test set.

    Args:
        net: RGB in 0..1 to RGB, in float32; put into evaluation mode.
        test_set: Pairs by the degradation's name.
        examples_per_degradation: Evenly spaced images to return as pictures.

    Returns:
        Flat metrics, `test/<degradation>/psnr` for the net and
        `test/<degradation>/<method>/psnr` for the others; one row an image, method and
        degradation; and the example pictures. A mean PSNR leaves identical images out and says
        how many they were (`psnr_infinite`); `keras_accuracy` is pooled over pixels.
    """
    net.eval()
    rows: list[dict[str, Any]] = []
    examples: list[Example] = []
    for degradation, pairs in test_set.items():
        restored = restore([pair.lq for pair in pairs], net)
        rows += _measure_all(degradation, pairs, restored)
        examples += _examples(degradation, pairs, restored, examples_per_degradation)
    per_image = pd.DataFrame(rows)
    return summarise(per_image), per_image, examples


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


def summarise(per_image: pd.DataFrame) -> Metrics:
    """Means of each degradation and method, as flat keys."""
    metrics: Metrics = {}
    for (degradation, method), rows in per_image.groupby(["degradation", "method"], sort=False):
        prefix = f"test/{degradation}" if method == NET else f"test/{degradation}/{method}"
        metrics |= means(rows, MEASURES, prefix)
        metrics[f"{prefix}/keras_accuracy"] = float(rows["matches"].sum() / rows["pixels"].sum())
    return metrics


def _measure_all(
    degradation: str, pairs: list[Pair], restored: list[Image]
) -> list[dict[str, Any]]:
    # Threads: OpenCV and numpy let go of the interpreter's lock.
    workers = [degradation] * usable_cores()
    work = zip(pairs, restored, strict=True)
    return list(chain.from_iterable(in_order(workers, _measure_image, work)))


def _measure_image(degradation: str, work: tuple[Pair, Image]) -> list[dict[str, Any]]:
    pair, restored = work
    outputs = {NET: restored} | {name: method(pair.lq) for name, method in BASELINES.items()}
    return [
        {"degradation": degradation, "method": name, "path": pair.path, "subject": pair.subject}
        | _measure(preds, pair.gt)
        for name, preds in outputs.items()
    ]


def _measure(preds: Image, gt: Image) -> dict[str, float | int]:
    matched, pixels = matches(preds, gt)
    return {
        "psnr": psnr(preds, gt),
        "ssim": ssim(preds, gt),
        "within_0.1": within(preds, gt, 0.1),
        "keras_accuracy": matched / pixels,
        "matches": matched,
        "pixels": pixels,
    }


def _examples(
    degradation: str, pairs: list[Pair], restored: list[Image], count: int
) -> list[Example]:
    chosen = np.linspace(0, len(pairs) - 1, min(count, len(pairs))).round().astype(int)
    return [
        Example(degradation, pairs[i].path, pairs[i].lq, restored[i], pairs[i].gt) for i in chosen
    ]


def _to_images(batch: Tensor) -> list[Image]:
    levels = batch.float().clamp(0, 1).mul(255).round().to(torch.uint8)
    return list(levels.permute(0, 2, 3, 1).contiguous().numpy())
