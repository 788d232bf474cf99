"""What becomes of one picture with the settings of a description."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from facsimile.data.description import DataSetDescription
from facsimile.data.fitting import Fitting
from facsimile.faces.align import FaceType
from facsimile.faces.crop import crop_face
from facsimile.faces.detect import Face
from facsimile.studio.parameters import quality
from facsimile.studio.treatment import Treatment

SIDE, COVERAGE = 128, 1.35  # of a crop whose description leaves them out
WINDOW = 11  # of SSIM, pixels: a smaller picture has none


@dataclass(frozen=True, eq=False)
class Preview:
    """RGB pictures, the faces in pixels of `picture`, and figures of each.

    `crop` is that of the most prominent face, or None without a face; `degraded` and `enhanced`
    are made of it, or of the picture where there is no crop, and are None where none was asked for.
    """

    picture: np.ndarray
    faces: list[Face]
    crop: np.ndarray | None
    degraded: np.ndarray | None
    enhanced: np.ndarray | None
    figures: Mapping[str, float] = field(default_factory=dict)


class Previewer:
    """Treats pictures as a description says.

    Args:
        treatment: Detectors, degradations and nets.
        side: Of a crop whose description names none, pixels.
        coverage: Likewise its field of view.
    """

    def __init__(
        self, treatment: Treatment, side: int = SIDE, coverage: float | str = COVERAGE
    ) -> None:
        self._treatment, self._side, self._coverage = treatment, side, coverage

    def __call__(
        self, picture: np.ndarray, said: DataSetDescription, model: str | None = None
    ) -> Preview:
        """Crop, degrade and, with the model of this name, enhance a picture.

        Raises:
            UserError: A detector, degradation or model cannot be had.
        """
        shown = Fitting(said.resize, said.height, said.width, said.colour)(picture)
        faces = self._treatment.detector(said.detector)(shown)
        crop = self._cropped(shown, faces, said)
        base = shown if crop is None else crop
        degraded = self._treatment.degraded(base, said.degradations) if said.degradations else None
        worse = base if degraded is None else degraded
        enhanced = None if model is None else self._treatment.enhancer(model)(worse)
        figures = _figures(shown, faces, base, degraded, enhanced)
        return Preview(shown, faces, crop, degraded, enhanced, figures)

    def faces(self, picture: np.ndarray, detector: str) -> list[Face]:
        """The faces of a picture."""
        return self._treatment.detector(detector)(picture)

    def _cropped(
        self, picture: np.ndarray, faces: list[Face], said: DataSetDescription
    ) -> np.ndarray | None:
        if said.crop == "no" or not faces:
            return None
        side = said.crop if isinstance(said.crop, int) else self._side
        coverage = said.coverage or self._coverage
        view = FaceType(coverage) if isinstance(coverage, str) else float(coverage)
        return crop_face(picture, faces[0], side, view).image


def compared(preds: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """PSNR in dB and SSIM of two pictures; nothing where they are the same, or of two sizes."""
    from facsimile.metrics.psnr import psnr
    from facsimile.metrics.ssim import ssim

    if preds.shape != target.shape or np.array_equal(preds, target):
        return {}
    found = {"psnr": psnr(preds, target)}
    if min(target.shape[:2]) >= WINDOW:
        found["ssim"] = float(ssim(preds, target))
    return found


def _figures(
    picture: np.ndarray,
    faces: list[Face],
    base: np.ndarray,
    degraded: np.ndarray | None,
    enhanced: np.ndarray | None,
) -> dict[str, float]:
    found: dict[str, float] = {"faces": float(len(faces))}
    found |= quality(picture, faces[0]) if faces else {}
    for name, made in (("degraded", degraded), ("enhanced", enhanced)):
        if made is not None:
            found |= {f"{name}_{key}": value for key, value in compared(made, base).items()}
    return found
