"""JPEG compression."""

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.degradations.depth import in_bytes
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, whole_span


class Jpeg:
    """Compresses as cameras do, with chroma halved both ways (4:2:0).

    `quality` is libjpeg's, whole numbers of 1 (worst) to 100, drawn uniformly. (albumentations'
    ImageCompression hands RGB to an encoder of BGR: red is kept where blue should be.)
    """

    def __init__(self, quality: Range) -> None:
        self.quality = whole_span(quality, 1, 100)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the decompressed image."""
        quality = int(rng.integers(self.quality[0], self.quality[1] + 1))
        return in_bytes(image, lambda rgb: _code(rgb, quality))


def _code(rgb: UInt8[np.ndarray, "h w 3"], quality: int) -> UInt8[np.ndarray, "h w 3"]:
    options = [
        *(cv2.IMWRITE_JPEG_QUALITY, quality),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
    ]
    _, file = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR_RGB), np.uint8)
