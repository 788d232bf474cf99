"""What a swap autoencoder makes of held-out crops: the same person again, and the other one."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, UInt8

from facsimile.evaluation.recognition import Embedder
from facsimile.evaluation.swap import Direction
from facsimile.faces.identity import cosine
from facsimile.media.image import read_image
from facsimile.metrics.pixel_cosine import pixel_cosine
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import ssim
from facsimile.threads import in_order

Identity = Literal["src", "dst"]
Decode = Callable[[UInt8[np.ndarray, "b h w 3"], Identity], Float32[np.ndarray, "b h w 3"]]

MEASURES = ("ssim", "psnr", "pixel_cosine")
_BATCH = 32


def reconstruct(
    crops: pd.DataFrame,
    root: Path,
    resolution: int,
    decode: Decode,
    identities: dict[str, Identity],
) -> pd.DataFrame:
    """Compare each crop with its reconstruction by its own subject's decoder.

    Args:
        crops: path below `root` and subject of each crop.
        root: The folder of the selected faces; never sharpened.
        resolution: The net's side; crops are reduced to it by area and compared at it.
        decode: Crops as bytes to faces in 0..1 of the same size.
        identities: Which decoder a subject has.

    Returns:
        path, subject and MEASURES, one row a crop.
    """
    records = []
    for subject, group in crops.groupby("subject", sort=True):
        for paths, images in _batches(group["path"].to_list(), root):
            target = np.stack([_reduced(image, resolution) for image in images])
            preds = 255 * decode(target, identities[str(subject)])
            records += [
                {"path": path, "subject": subject, **_compare(*pair)}
                for path, *pair in zip(paths, preds, target, strict=True)
            ]
    return pd.DataFrame(records, columns=["path", "subject", *MEASURES])


def swap_crops(
    crops: pd.DataFrame,
    root: Path,
    decode: Decode,
    identity: Identity,
    embedders: Sequence[Embedder],
    direction: Direction,
) -> pd.DataFrame:
    """Identity cosines of the target's crops decoded as the source, before any pasting.

    Args:
        crops: path below `root`, subject and crop_landmarks (ten numbers, pixels) of each crop.
        root: The folder of the selected faces.
        decode: As in `reconstruct`.
        identity: The source's decoder.
        embedders: One for each thread.
        direction: Whose identity goes where.

    Returns:
        path, identity_source and identity_target, one row a crop.
    """
    mine = crops[crops["subject"] == direction.target]
    paths = mine["path"].to_list()
    landmarks = [np.reshape(points, (5, 2)) for points in mine["crop_landmarks"]]
    swapped = (face for _, images in _batches(paths, root) for face in decode(images, identity))
    embeddings = in_order(embedders, _embed, zip(swapped, landmarks, strict=True))
    records = [
        {
            "path": path,
            "identity_source": cosine(embedding, direction.source_embedding),
            "identity_target": cosine(embedding, direction.target_embedding),
        }
        for path, embedding in zip(paths, embeddings, strict=True)
    ]
    return pd.DataFrame(records, columns=["path", "identity_source", "identity_target"])


def _embed(
    embedder: Embedder, face: tuple[Float32[np.ndarray, "h w 3"], Float[np.ndarray, "5 2"]]
) -> Float32[np.ndarray, " d"]:
    image, landmarks = face
    return embedder(np.rint(255 * image).astype(np.uint8), landmarks)


def _batches(
    paths: list[str], root: Path
) -> Iterator[tuple[list[str], UInt8[np.ndarray, "b h w 3"]]]:
    for start in range(0, len(paths), _BATCH):
        batch = paths[start : start + _BATCH]
        yield batch, np.stack([read_image(root / path) for path in batch])


def _reduced(image: UInt8[np.ndarray, "h w 3"], side: int) -> UInt8[np.ndarray, "s s 3"]:
    return np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA))


def _compare(
    preds: Float32[np.ndarray, "h w 3"], target: UInt8[np.ndarray, "h w 3"]
) -> dict[str, float]:
    return {
        "ssim": ssim(preds, target),
        "psnr": psnr(preds, target),
        "pixel_cosine": pixel_cosine(preds, target),
    }
