"""Giving a TIFF the EXIF, colour profile, XMP and resolution that its writer left out."""

import struct
from io import BytesIO

from PIL.TiffImagePlugin import ImageFileDirectory_v2 as Directory

_ICC, _XMP, _SIGNATURE = 34675, 700, 0xCD41
_X, _Y, _UNIT, _INCH = 282, 283, 296, 2
_STRIPS, _ORIENTATION = 273, 274
_BYTE, _SHORT, _LONG, _UNDEFINED = 1, 3, 4, 7
_EXTRA, _UNASSOCIATED = 338, 2
_INNER = (0x8769, 0x8825)  # EXIF's own directory and that of the place
# tags of how the pixels lie, which are their writer's
_LAYOUT = frozenset(
    (*range(254, 260), 262, 266, _STRIPS, *range(277, 281), 284, 317, *range(320, 326), 330)
    + (_EXTRA, 339, 347, *range(512, 515), *range(529, 533))
)


def foreign(tag: int) -> bool:
    """Whether a tag of a TIFF is no part of its EXIF block."""
    return tag in _LAYOUT or tag in (_ICC, _XMP, _SIGNATURE)


def unturned(data: bytes) -> bytes:
    """A TIFF that says of its first page that it is upright: who decodes it leaves it as it is."""
    order = "<" if data[:2] == b"II" else ">"
    result = bytearray(data)
    [place] = struct.unpack_from(f"{order}I", data, 4)
    [count] = struct.unpack_from(f"{order}H", data, place)
    for entry in range(place + 2, place + 2 + 12 * count, 12):
        if struct.unpack_from(f"{order}H", data, entry)[0] == _ORIENTATION:
            struct.pack_into(f"{order}HIHH", result, entry + 2, _SHORT, 1, 1, 0)
    return bytes(result)


def tagged(
    data: bytes,
    icc: bytes | None,
    exif: bytes | None,
    xmp: bytes | None,
    dpi: tuple[float, float] | None,
    alpha: bool,
) -> bytes:
    """A little-endian TIFF in strips with a new directory behind its pixels.

    Args:
        data: One page.
        icc: A colour profile.
        exif: A block with its TIFF header.
        xmp: A packet.
        dpi: Across and down.
        alpha: Whether its last channel is one, by which the colours are not multiplied.
    """
    directory = _read(data, int.from_bytes(data[4:8], "little"))
    _add_exif(directory, exif)
    for tag, kind, value in ((_ICC, _UNDEFINED, icc), (_XMP, _BYTE, xmp)):
        if value:
            directory.tagtype[tag] = kind
            directory[tag] = value
    if dpi:
        directory[_X], directory[_Y], directory[_UNIT] = (*dpi, _INCH)
    if alpha:
        directory[_EXTRA] = _UNASSOCIATED
    data += b"\0" * (len(data) % 2)
    return data[:4] + struct.pack("<I", len(data)) + data[8:] + _written(directory, len(data))


def _add_exif(directory: Directory, exif: bytes | None) -> None:
    if not exif:
        return
    own = _read(exif, int.from_bytes(exif[4:8], "little" if exif[:2] == b"II" else "big"))
    for tag in own:
        if tag in _INNER:
            directory.tagtype[tag] = _LONG
            directory[tag] = dict(_read(exif, int(own[tag])))
        elif not foreign(tag):
            directory.tagtype[tag] = own.tagtype[tag]
            directory[tag] = own[tag]


def _read(data: bytes, place: int) -> Directory:
    directory = Directory(data[:8])
    stream = BytesIO(data)
    stream.seek(place)
    directory.load(stream)
    dict(directory)  # Pillow decodes a tag when it is asked for, and writes what is decoded
    return directory


def _written(directory: Directory, place: int) -> bytes:
    """The directory's bytes, to stand at `place`."""
    strips = directory[_STRIPS]
    strips = strips if isinstance(strips, tuple) else (strips,)
    directory.tagtype[_STRIPS] = _LONG
    result = bytearray(directory.tobytes(place))
    # Pillow writes pixels behind the directory, and has moved the strips there
    entry = next(
        at for at in range(2, len(result), 12) if result[at : at + 2] == struct.pack("<H", _STRIPS)
    )
    [pointer] = struct.unpack_from("<I", result, entry + 8)
    where = entry + 8 if len(strips) == 1 else pointer - place
    struct.pack_into(f"<{len(strips)}I", result, where, *strips)
    return bytes(result)
