"""What the preview shows: faces on the picture, its crop, and what became of it, side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from facsimile.faces.detect import Face
from facsimile.studio.pages.pictures import embedded
from facsimile.studio.pages.words import several
from facsimile.studio.preview import Preview

_LARGEST = 720  # pixels a side of what a page carries
_FIGURES = (("psnr", "PSNR, dB", "{:.2f}"), ("ssim", "SSIM", "{:.4f}"))


@dataclass(frozen=True)
class ShownFace:
    """A face in pixels of the picture; `label_y` is where its score stands."""

    x: float
    y: float
    width: float
    height: float
    landmarks: list[tuple[float, float]]
    score: str
    label_y: float


@dataclass(frozen=True)
class Step:
    """A picture that was made."""

    uri: str
    caption: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Shown:
    """A picture, its faces, and the steps after it.

    `figures` are rows of words and numbers below `heads`.
    """

    picture: str
    width: int
    height: int
    stroke: float
    text_size: float
    faces: list[ShownFace]
    steps: list[Step]
    told: str
    heads: list[str]
    figures: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class ShownPreview:
    """Why there is no preview, or what it shows; neither before one is asked for."""

    error: str = ""
    shown: Shown | None = None


NOTHING = ShownPreview()


def shown(preview: Preview) -> Shown:
    """A preview as the page draws it."""
    height, width = preview.picture.shape[:2]
    stroke = round(max(height, width) / 200, 2)
    made = [("degraded", preview.degraded), ("enhanced", preview.enhanced)]
    return Shown(
        picture=embedded(_bounded(preview.picture)),
        width=width,
        height=height,
        stroke=stroke,
        text_size=round(9 * stroke, 1),
        faces=[_face(face, stroke) for face in preview.faces],
        steps=list(_steps(preview)),
        told=several(len(preview.faces), "face") if preview.faces else "no face found",
        heads=[words for _, words, _ in _FIGURES],
        figures=[(name, _row(name, preview.figures)) for name, one in made if one is not None],
    )


def _steps(preview: Preview) -> Iterator[Step]:
    made = (
        ("crop", "The crop", preview.crop),
        ("degraded", "Degraded", preview.degraded),
        ("enhanced", "Restored: its detail is invented", preview.enhanced),
    )
    for name, words, image in made:
        if image is not None:
            height, width = image.shape[:2]
            caption = f"{words}, {width} × {height}"
            yield Step(embedded(_bounded(image)), caption, f"The {name} picture", width, height)


def _row(name: str, figures: Mapping[str, float]) -> list[str]:
    values = [(figures.get(f"{name}_{key}"), form) for key, _, form in _FIGURES]
    return ["the same" if value is None else form.format(value) for value, form in values]


def _face(face: Face, stroke: float) -> ShownFace:
    x, y, width, height = (round(float(side), 1) for side in face.bbox)
    points = [(round(float(left), 1), round(float(top), 1)) for left, top in face.landmarks]
    above = y - 2 * stroke
    label = above if above > 9 * stroke else y + height + 9 * stroke
    return ShownFace(x, y, width, height, points, f"{face.score:.2f}", round(label, 1))


def _bounded(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    scale = min(1.0, _LARGEST / max(height, width))
    if scale == 1.0:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
