"""What a PNG says beside its pixels, chunk by chunk."""

import struct
import zlib
from collections.abc import Iterator, Sequence

# how its numbers are to be shown, its EXIF block and its texts, XMP among them
_KEPT = (
    *(b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"pHYs", b"eXIf"),
    *(b"tEXt", b"zTXt", b"iTXt"),
)
_SIGNATURE, _HEADER = 8, 33  # bytes up to the first chunk, and to its end
_XMP = b"XML:com.adobe.xmp\0\0\0\0\0"


def kept(data: bytes) -> Iterator[bytes]:
    """The chunks of a PNG that belong to another one with the same picture in other pixels."""
    place = _SIGNATURE
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        if data[place + 4 : place + 8] in _KEPT:
            yield data[place:end]
        place = end


def content(chunks: Sequence[bytes], name: bytes) -> bytes | None:
    """What the first chunk of this name holds; None where there is none."""
    return next((one[8:-4] for one in chunks if one[4:8] == name), None)


def made(
    icc: bytes | None, exif: bytes | None, xmp: bytes | None, dpi: tuple[float, float] | None
) -> list[bytes]:
    """Chunks for a colour profile, an EXIF block, XMP and dots per inch."""
    chunks = []
    if icc:
        chunks.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc)))
    if exif:
        chunks.append(_chunk(b"eXIf", exif))
    if xmp:
        chunks.append(_chunk(b"iTXt", _XMP + xmp))
    if dpi:
        across, down = (round(value / 0.0254) for value in dpi)
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    return chunks


def inserted(data: bytes, chunks: Sequence[bytes]) -> bytes:
    """A PNG with these chunks before its pixels, where all of them may stand."""
    return b"".join((data[:_HEADER], *chunks, data[_HEADER:]))


def _chunk(name: bytes, body: bytes) -> bytes:
    check = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)
