"""Writing a still image with all that is said of it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from facsimile.errors import UserError
from facsimile.media.files import atomic_path
from facsimile.media.png_chunks import inserted, made
from facsimile.media.still import Pixels, Still
from facsimile.media.tags import EXIF_PREFIX
from facsimile.media.tiff_tags import tagged

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# Photographs hardly repeat: see `image`.
_PNG = (cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY)


def write_still(path: Path, still: Still, quality: int = 95) -> None:
    """Write a still atomically in the format of the path's suffix.

    Args:
        path: .png, .jpg, .jpeg, .webp, .tif or .tiff.
        still: What is written. A JPEG is not turned and keeps all colour detail (4:4:4).
        quality: Of a JPEG, and of a WebP unless the still comes from a lossless file; 1 to 100.

    Raises:
        UserError: See `check_still`; or the format does not hold so many pixels.
    """
    check_still(path, still)
    data = _ENCODERS[path.suffix.lower()](path, still, quality)
    with atomic_path(path) as partial:
        partial.write_bytes(data)


def check_still(path: Path, still: Still) -> None:
    """Refuse a name whose format does not hold such pixels.

    Raises:
        UserError: The suffix is another, or JPEG, which has no alpha, or it or WebP, which have
            only 8 bits.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError(f"cannot write {path}: give a name in {', '.join(SUFFIXES)}")
    if suffix in (".jpg", ".jpeg") and still.pixels.shape[2] in (2, 4):
        raise UserError(f"cannot write {path}: a JPEG has no alpha; give a name in .png")
    if suffix in (".jpg", ".jpeg", ".webp") and still.pixels.dtype != np.uint8:
        raise UserError(f"cannot write {path}: {suffix} has only 8 bits; give a name in .png")


def _png(path: Path, still: Still, quality: int) -> bytes:
    tags = still.tags
    chunks = tags.chunks or made(tags.icc, tags.exif, tags.xmp, tags.dpi)
    return inserted(_lossless(path, still.pixels, ".png", _PNG), chunks)


def _tiff(path: Path, still: Still, quality: int) -> bytes:
    tags = still.tags
    alpha = still.pixels.shape[2] in (2, 4)
    data = _lossless(path, still.pixels, ".tiff", ())
    return tagged(data, tags.icc, tags.exif, tags.xmp, tags.dpi, alpha)


def _jpeg(path: Path, still: Still, quality: int) -> bytes:
    return _pillow(path, still, "JPEG", quality=quality, subsampling="4:4:4")


def _webp(path: Path, still: Still, quality: int) -> bytes:
    return _pillow(path, still, "WEBP", quality=quality, lossless=still.lossless, exact=True)


def _pillow(path: Path, still: Still, form: str, **options: object) -> bytes:
    pixels, tags = still.pixels, still.tags
    exif = tags.exif and EXIF_PREFIX + tags.exif
    told = {"exif": exif, "icc_profile": tags.icc, "xmp": tags.xmp, "dpi": tags.dpi}
    stream = BytesIO()
    given = {key: value for key, value in told.items() if value is not None}
    try:
        _image(pixels).save(stream, form, **given, **options)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write {path}: {error}") from error
    return stream.getvalue()


def _image(pixels: Pixels) -> Image.Image:
    flat = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    return Image.fromarray(np.ascontiguousarray(flat), _MODES[pixels.shape[2]])


def _lossless(path: Path, pixels: Pixels, suffix: str, options: tuple[int, ...]) -> bytes:
    """The pixels alone, by what writes 16 bits; two of them with grey thrice."""
    if pixels.shape[2] == 2 and pixels.dtype == np.uint8:
        stream = BytesIO()
        _image(pixels).save(stream, suffix[1:].upper())
        return stream.getvalue()
    codes = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    if pixels.shape[2] == 2:
        pixels = np.ascontiguousarray(pixels[..., [0, 0, 0, 1]])
    code = codes.get(pixels.shape[2])
    done, data = cv2.imencode(
        suffix, pixels if code is None else cv2.cvtColor(pixels, code), options
    )
    if not done:
        raise UserError(f"cannot write {path}: OpenCV cannot encode it")
    return data.tobytes()


_ENCODERS: dict[str, Callable[[Path, Still, int], bytes]] = {
    ".png": _png,
    ".jpg": _jpeg,
    ".jpeg": _jpeg,
    ".webp": _webp,
    ".tif": _tiff,
    ".tiff": _tiff,
}
SUFFIXES = tuple(_ENCODERS)
