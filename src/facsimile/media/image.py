"""Reading and writing still images."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.errors import UserError
from facsimile.media.files import atomic_path
from facsimile.media.header import check_still, image_header
from facsimile.media.members import read_media
from facsimile.media.sniff import HEAD, content, image_format

# A 200-megapixel camera's 16320 x 12240 pass: 600 MB, twice that while it is turned upright.
PIXEL_LIMIT = 200_000_000
# Photographs hardly repeat: not to look for it costs 1 % of size, and saves a fifth of the time.
_PNG = (cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY)
_JPEG = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
_HOW = {".png": _PNG, ".jpg": _JPEG, ".jpeg": _JPEG}


def read_image(path: Path, pixel_limit: int = PIXEL_LIMIT) -> UInt8[np.ndarray, "h w 3"]:
    """An image file, or one in an archive (`photos.zip/a.jpg`), as RGB, upright.

    Whatever its name says: JPEG, PNG, WebP, TIFF (its first page), GIF, BMP, PNM, JPEG 2000, AVIF.
    Grey is repeated in the three channels, CMYK is converted, 16 bits are cut to 8 and the EXIF
    orientation is applied. Alpha is dropped, not composited: the pixels beneath are the camera's or
    the generator's own, a background would be ours. (Only a TIFF's come over black, by libtiff.)

    Raises:
        UserError: there is no such file, it is no whole image, it is animated (`read_frames` reads
            GIF and PNG animations as videos), or it has more than `pixel_limit` pixels, which is
            found out before any is decoded.
    """
    data = read_media(path)
    _check(path, data, pixel_limit)
    try:
        # Decoding from memory, since OpenCV opens no non-ASCII path on some systems.
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except (cv2.error, MemoryError) as error:
        raise UserError(f"cannot read {path}: OpenCV says {error.args[0]}") from error
    if image is None:
        raise UserError(f"cannot read {path}: {_what(data[:HEAD])}")
    return np.asarray(image, np.uint8)


def _check(path: Path, data: bytes, pixel_limit: int) -> None:
    header = image_header(data)
    if header is None:
        raise UserError(f"cannot read {path}: {_what(data[:HEAD])}")
    check_still(path, header, pixel_limit)


def _what(head: bytes) -> str:
    if name := image_format(head):
        return f"it is a damaged {name}, or of a kind that is not read: save it as PNG or JPEG"
    return f"it is {what} and no image" if (what := content(head)) else "it is no image"


def encode_image(image: UInt8[np.ndarray, "h w 3"], suffix: str) -> bytes:
    """An RGB image as the bytes of a file of that suffix.

    .png is lossless, .jpg keeps all colour detail (4:4:4).

    Raises UserError for a suffix that OpenCV cannot write.
    """
    try:
        done, data = cv2.imencode(
            suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), _HOW.get(suffix.lower(), ())
        )
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
