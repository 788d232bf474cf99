"""The size of a still image, read from its header without decoding a pixel."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from facsimile.errors import UserError
from facsimile.media.sniff import HEAD, image_format

# The classes and not PIL.Image.open: that one's limit on pixels is one for the whole process, it
# warns on any photo of 90 megapixels, and it would try formats that nobody asked for.
READERS: dict[str, Callable[[BytesIO], ImageFile.ImageFile]] = {
    "AVIF": AvifImageFile,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "JPEG": JpegImageFile,
    "JPEG 2000": Jpeg2KImageFile,
    "PNG": PngImageFile,
    "PNM": PpmImageFile,
    "TIFF": TiffImageFile,
    "WebP": WebPImageFile,
}
_ANIMATIONS = ("AVIF", "GIF", "PNG", "WebP")


@dataclass(frozen=True)
class Header:
    """What an image says of itself; `mode` is Pillow's, `size` is before any orientation."""

    format: str
    size: tuple[int, int]
    mode: str
    animated: bool


def image_header(data: bytes) -> Header | None:
    """The header of an image file's bytes, or None for another format or a damaged header.

    Several pages of a TIFF, or the pictures that a phone appends to a JPEG, are no animation.
    """
    name = image_format(data[:HEAD])
    if name not in READERS or (name == "PNG" and not _chunks_fit(data)):
        return None
    try:
        with READERS[name](BytesIO(data)) as image:
            animated = name in _ANIMATIONS and bool(getattr(image, "is_animated", False))
            return Header(name, image.size, image.mode, animated)
    except Exception:  # a damaged header makes Pillow's parsers raise nearly anything
        return None


def check_still(path: Path, header: Header, pixel_limit: int) -> None:
    """Refuse an animation, or more pixels than may be decoded.

    Raises:
        UserError: It is one of these.
    """
    width, height = header.size
    if header.animated:
        raise UserError(f"cannot read {path}: it is an animated {header.format}, not a still image")
    if width * height > pixel_limit:
        raise UserError(
            f"cannot read {path}: its {width} x {height} pixels are more than {pixel_limit}"
        )


def _chunks_fit(data: bytes) -> bool:
    # OpenCV sets aside whatever length a chunk claims: 2 GB and six seconds for one wrong bit.
    place = 8
    while place + 8 <= len(data) and data[place + 4 : place + 8] != b"IEND":
        place += 12 + int.from_bytes(data[place : place + 4])
    return place <= len(data)
