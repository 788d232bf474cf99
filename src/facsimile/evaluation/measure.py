"""One video or picture measured against another, frame by frame: whole, face and background.

The measures are those of both papers and what they left out. Everything is of the 8-bit RGB frames
as they are shown, 0..255.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8

from facsimile.evaluation.measure_matching import Pair
from facsimile.evaluation.measure_regions import (
    Area,
    Eyes,
    Regions,
    embeddings,
    map_area,
    regions_of,
)
from facsimile.evaluation.steadiness import flicker_near, windows
from facsimile.faces.flicker import flicker
from facsimile.faces.identity import cosine
from facsimile.faces.quality import pose
from facsimile.metrics.landmarks import landmark_error
from facsimile.metrics.ms_ssim import LEAST, maps_product, ms_ssim, scale_maps
from facsimile.metrics.pixel_cosine import pixel_cosine
from facsimile.metrics.pose import pose_error
from facsimile.metrics.psnr import psnr
from facsimile.metrics.sharpness import sharpness
from facsimile.metrics.ssim import WINDOW, map_mean, ssim_map
from facsimile.threads import in_order

Grey = UInt8[np.ndarray, "h w"]
Where = Bool[np.ndarray, "h w"]
Record = dict[str, Any]
Window = tuple[Pair | None, Pair, Pair | None]

REGIONS = ("frame", "face", "background")
PICTURE = ("ssim_grey", "ssim_rgb", "ms_ssim", "psnr", "pixel_cosine")
DETAIL = ("sharpness", "sharpness_reference", "flicker", "flicker_reference")
SUFFIXES = ("", "_reference")  # of what is told of both: first the distorted one's
PERSON = ("identity_cosine", "landmark_error", "pose_error")
#: Every measure as its key begins, in the order of the tables.
MEASURES = tuple(
    f"{region}/{name}"
    for region in REGIONS
    for name in (*PICTURE, *(PERSON if region == "face" else ()), *DETAIL)
)


@dataclass(frozen=True)
class Measured:
    """A pair of frames and what came out, a value for each of `MEASURES`, NaN where none could.

    Beside them: item, reference_frame, distorted_frame, reference_time, distorted_time,
    reference_faces, distorted_faces, and why there are no figures of the face (`missing`) or of the
    person in it (`unmatched`).
    """

    pair: Pair
    record: Record
    area: Area | None


def measure_items(
    items: Iterable[Iterable[Pair]], eyes: Sequence[Eyes | None]
) -> Iterator[Measured]:
    """Measure every pair of every item, in order; as many threads as there are eyes."""

    def measure(one: tuple[Eyes | None], window: Window) -> Measured:
        return measure_pair(window, one[0])

    stream = chain.from_iterable(windows(pairs) for pairs in items)
    return in_order([(one,) for one in eyes], measure, stream)


def measure_pair(window: Window, eyes: Eyes | None) -> Measured:
    """Measure the middle one of three pairs; the others tell what flickers."""
    pair = window[1]
    regions = regions_of(pair, eyes)
    values = dict.fromkeys(MEASURES, math.nan)
    values |= _likeness(pair, regions) | _structure(pair, regions) | _scales(pair, regions)
    values |= _sharpness(pair, regions) | _flicker(window, regions)
    if eyes is not None:
        values |= _person(pair, regions, eyes)
    return Measured(pair, _place(pair, regions) | values, regions.area)


def _place(pair: Pair, regions: Regions) -> Record:
    return {
        "item": pair.item,
        "reference_frame": pair.reference.index,
        "distorted_frame": pair.distorted.index,
        "reference_time": pair.reference.time,
        "distorted_time": pair.distorted.time,
        "reference_faces": regions.counts[1],
        "distorted_faces": regions.counts[0],
        "missing": regions.missing,
        "unmatched": regions.unmatched,
    }


def _likeness(pair: Pair, regions: Regions) -> Record:
    """PSNR and pixel cosine of each region."""
    values: Record = {}
    for name, measure in (("psnr", psnr), ("pixel_cosine", pixel_cosine)):
        values[f"frame/{name}"] = measure(*pair.images)
        if regions.area is not None:
            one, other = (image[regions.area] for image in pair.images)
            values[f"face/{name}"] = measure(one, other)
        if regions.background is not None:
            values[f"background/{name}"] = measure(*pair.images, where=regions.background)
    return values


def _structure(pair: Pair, regions: Regions) -> Record:
    """SSIM of each region, out of one map of the frame."""
    values: Record = {}
    for name, images in (("ssim_grey", pair.greys), ("ssim_rgb", pair.images)):
        if not _fits(images[0], WINDOW):
            continue
        similarity = ssim_map(*images)
        values[f"frame/{name}"] = map_mean(similarity)
        if regions.area is not None:
            values[f"face/{name}"] = map_mean(similarity[map_area(regions.area)])
        if regions.background is not None:
            values[f"background/{name}"] = map_mean(similarity, regions.background)
    return values


def _scales(pair: Pair, regions: Regions) -> Record:
    """MS-SSIM of the grey frames, where the coarsest scale has room for a window."""
    values: Record = {}
    if _fits(pair.greys[0], LEAST):
        maps = scale_maps(*pair.greys)
        values["frame/ms_ssim"] = maps_product(maps)
        if regions.background is not None:
            values["background/ms_ssim"] = maps_product(maps, regions.background)
    if regions.area is not None and _fits(pair.greys[0][regions.area], LEAST):
        one, other = (grey[regions.area] for grey in pair.greys)
        values["face/ms_ssim"] = ms_ssim(one, other)
    return values


def _fits(image: np.ndarray, side: int) -> bool:
    return bool(min(image.shape[:2]) >= side)


def _sharpness(pair: Pair, regions: Regions) -> Record:
    values: Record = {}
    for suffix, grey in zip(SUFFIXES, pair.greys, strict=True):
        values[f"frame/sharpness{suffix}"] = sharpness(grey)
        if regions.area is not None:
            values[f"face/sharpness{suffix}"] = sharpness(grey[regions.area])
        if regions.background is not None:
            values[f"background/sharpness{suffix}"] = sharpness(grey, regions.background)
    return values


def _flicker(window: Window, regions: Regions) -> Record:
    """Second differences over three frames: grey, but of the face the aligned crop's colours."""
    known = [pair for pair in window if pair is not None]
    if len(known) < len(window):
        return {}
    values: Record = {}
    for side, suffix in enumerate(SUFFIXES):
        greys = [pair.greys[side] for pair in known]
        values[f"frame/flicker{suffix}"] = flicker(np.stack(greys))
        if regions.background is not None:
            kept = np.stack([grey[regions.background] for grey in greys])
            values[f"background/flicker{suffix}"] = flicker(kept[..., None])
        if regions.area is not None and (face := regions.faces[1]) is not None:
            images = [pair.images[side] for pair in known]
            values[f"face/flicker{suffix}"] = flicker_near(images, face.landmarks)
    return values


def _person(pair: Pair, regions: Regions, eyes: Eyes) -> Record:
    theirs, ours = regions.faces
    if theirs is None or ours is None:
        return {}
    values = {
        "face/landmark_error": landmark_error(theirs.landmarks, ours.landmarks),
        "face/pose_error": pose_error(*(np.array(pose(one.landmarks)) for one in (theirs, ours))),
    }
    if (pictures := embeddings(pair, regions, eyes)) is not None:
        values["face/identity_cosine"] = cosine(*pictures)
    return values
