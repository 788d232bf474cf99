"""Reading and writing still images."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.errors import UserError
from facsimile.media.files import atomic_path


def read_image(path: Path) -> UInt8[np.ndarray, "h w 3"]:
    """An image file as RGB, upright.

    Grey is repeated in the three channels, 16 bits are cut to 8, alpha is dropped and the EXIF
    orientation is applied. Raises UserError when there is no such file or it is no whole image.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    # Decoding from memory, since OpenCV opens no non-ASCII path on some systems.
    image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if data.size else None
    if image is None:
        raise UserError(f"cannot read {path}: it is not an image, or it is damaged")
    return np.asarray(image, np.uint8)


def encode_image(image: UInt8[np.ndarray, "h w 3"], suffix: str) -> bytes:
    """An RGB image as the bytes of a file of that suffix (.png is lossless).

    Raises UserError for a suffix that OpenCV cannot write.
    """
    try:
        done, data = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    except cv2.error:
        done = False
    if not done:
        raise UserError(f"cannot write an image as {suffix!r}: give a name in .png or .jpg")
    return data.tobytes()


def write_image(path: Path, image: UInt8[np.ndarray, "h w 3"]) -> None:
    """Write an RGB image in the format of the path's suffix, atomically (see `encode_image`)."""
    data = encode_image(image, path.suffix)
    with atomic_path(path) as partial:
        partial.write_bytes(data)
