"""What a still image carries beside its pixels: EXIF, colour profile, XMP, resolution."""

from dataclasses import dataclass

from PIL import Image, ImageFile

from facsimile.media.png_chunks import content, kept
from facsimile.media.tiff_tags import foreign

EXIF_PREFIX = b"Exif\0\0"
_ORIENTATION = 274


@dataclass(frozen=True)
class Tags:
    """What a file said of its picture, as bytes that another can hold.

    `exif` begins with its TIFF header, `dpi` is across and down, `orientation` is EXIF's, 1 to 8.
    `chunks` are all of this as a PNG had it, with what only a PNG takes. A signature is none of it:
    it belongs to the pixels that it was made of.
    """

    exif: bytes | None = None
    icc: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    chunks: tuple[bytes, ...] = ()
    orientation: int = 1


def read_tags(image: ImageFile.ImageFile, data: bytes) -> Tags:
    """Those of an opened image, of whose file these are the bytes; no pixel is decoded."""
    chunks = tuple(kept(data)) if image.format == "PNG" else ()
    exif = _exif(image, chunks)
    return Tags(
        exif=exif,
        icc=image.info.get("icc_profile"),
        xmp=image.info.get("xmp"),
        dpi=_dpi(image.info.get("dpi")),
        chunks=chunks,
        orientation=_orientation(exif),
    )


def _exif(image: ImageFile.ImageFile, chunks: tuple[bytes, ...]) -> bytes | None:
    if image.format == "PNG":  # Pillow would decode all of it to find a block behind the pixels
        return content(chunks, b"eXIf")
    if image.format != "TIFF":
        stored: bytes | None = image.info.get("exif")
        return stored and stored.removeprefix(EXIF_PREFIX)
    exif = image.getexif()
    for tag in [tag for tag in exif if foreign(tag)]:
        del exif[tag]
    return exif.tobytes().removeprefix(EXIF_PREFIX) if len(exif) else None


def _dpi(value: object) -> tuple[float, float] | None:
    return (float(value[0]), float(value[1])) if isinstance(value, tuple) else None


def _orientation(exif: bytes | None) -> int:
    block = Image.Exif()
    try:
        block.load(exif or b"")
        value = int(block.get(_ORIENTATION, 1))
    except Exception:  # a damaged block makes Pillow's parser raise nearly anything
        return 1
    return value if value in range(1, 9) else 1
