"""A still image as its file has it: grey, alpha, 16 bits and what is said of it are kept."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt
from PIL import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from facsimile.errors import UserError
from facsimile.media.header import READERS, Header, check_still, image_header
from facsimile.media.image import PIXEL_LIMIT
from facsimile.media.members import read_media
from facsimile.media.sniff import HEAD, content
from facsimile.media.tags import Tags, read_tags
from facsimile.media.tiff_tags import unturned

Pixels = UInt[np.ndarray, "_ _ _"]

_FORMATS = ("JPEG", "PNG", "TIFF", "WebP")
# Pillow's modes whose numbers are what they seem; a palette becomes its colours
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "I;16B")
_GREY = ("1", "L", "LA", "I;16", "I;16B")
# of a TIFF: OpenCV multiplies colours by their alpha
_BY_PILLOW = {"1": "L", "LA": "LA", "P": "RGB", "PA": "RGBA", "RGBA": "RGBA"}
_BITS = 258  # a TIFF's tag
_KINDS = "JPEG, PNG, WebP or TIFF"


@dataclass(frozen=True)
class Still:
    """Pixels as they are stored, not turned upright, with what is said of them.

    `pixels` are uint8 or uint16 with 1 channel (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha);
    colours are not multiplied by alpha.
    """

    pixels: Pixels
    tags: Tags = Tags()
    lossless: bool = True


def read_still(path: Path, pixel_limit: int = PIXEL_LIMIT) -> Still:
    """Read a JPEG, PNG, WebP or TIFF, whatever its name says; also one in an archive.

    Raises:
        UserError: There is no such file, it is of another kind, is damaged, has several pictures,
            numbers that are neither grey nor RGB of 8 or 16 bits, or more pixels than the limit,
            which is found out before any is decoded.
    """
    data = read_media(path)
    header = _checked(path, data, pixel_limit)
    try:
        with READERS[header.format](BytesIO(data)) as image:
            _check_tiff(path, image, data)
            tags = read_tags(image, data)
        pixels = _decoded(path, data, header)
    except UserError:
        raise
    except Exception as error:  # a damaged file makes Pillow's parsers raise nearly anything
        raise UserError(f"cannot read {path}: it is a damaged {header.format}") from error
    return Still(pixels, tags, _lossless(data, header.format))


def _lossless(data: bytes, form: str) -> bool:
    if form != "WebP":
        return form != "JPEG"
    place = 12  # of its chunks, of which VP8L is the lossless kind
    while data[place : place + 4] not in (b"VP8L", b"VP8 ", b""):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
    return data[place : place + 4] == b"VP8L"


def _checked(path: Path, data: bytes, pixel_limit: int) -> Header:
    header = image_header(data)
    if header is None or header.format not in _FORMATS:
        what = content(data[:HEAD]) or "no image"
        raise UserError(f"cannot read {path}: it is {what}; a whole {_KINDS} is wanted")
    check_still(path, header, pixel_limit)
    if header.mode not in _MODES:
        raise UserError(
            f"cannot read {path}: its colours are {header.mode}; save it as grey or RGB first"
        )
    return header


def _check_tiff(path: Path, image: ImageFile.ImageFile, data: bytes) -> None:
    if not isinstance(image, TiffImageFile):
        return
    if data[2:4] in (b"+\0", b"\0+"):
        raise UserError(f"cannot read {path}: it is a BigTIFF; save it as a plain TIFF first")
    if image.n_frames > 1:
        raise UserError(f"cannot read {path}: it has several pages; save each by itself first")


def _decoded(path: Path, data: bytes, header: Header) -> Pixels:
    if header.format == "TIFF":
        data = unturned(data)  # both of those who decode it would turn its pixels
        with TiffImageFile(BytesIO(data)) as image:
            if header.mode in _BY_PILLOW and np.max(image.tag_v2.get(_BITS, 1)) <= 8:
                return _channels(np.array(image.convert(_BY_PILLOW[header.mode])))
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except (cv2.error, MemoryError) as error:
        raise UserError(f"cannot read {path}: OpenCV says {error.args[0]}") from error
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        what = "damaged" if pixels is None else f"of {pixels.dtype} numbers"
        raise UserError(f"cannot read {path}: it is {what}")
    return _in_rgb(_channels(pixels), grey=header.mode in _GREY)


def _channels(pixels: np.ndarray) -> Pixels:
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _in_rgb(pixels: Pixels, grey: bool) -> Pixels:
    """OpenCV's channels in our order, in place where that can be: the image may be large."""
    if pixels.shape[2] == 4 and grey:
        return np.ascontiguousarray(pixels[..., [0, 3]])
    if pixels.shape[2] == 3 and grey:  # of a WebP
        return np.ascontiguousarray(pixels[..., :1])
    if pixels.shape[2] >= 3:
        code = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
        cv2.cvtColor(pixels, code, dst=pixels)
    return pixels
