"""What a file holds by its first bytes, whatever its name says."""

_IMAGES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"BM": "BMP",
    **{f"P{kind}".encode(): "PNM" for kind in range(1, 7)},
}
_VIDEOS = {
    b"\x1aE\xdf\xa3": "Matroska or WebM",
    b"\0\0\1\xba": "MPEG",
    b"\0\0\1\xb3": "MPEG",
    b"FLV": "FLV",
    b"0&\xb2u": "ASF",
}
_OTHERS = {
    b"PK\3\4": "a zip archive",
    b"\x1f\x8b": "a gzip file",
    b"%PDF": "a PDF document",
    b"ID3": "sound",
}
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF"}
HEAD = 64  # bytes that are enough


def image_format(head: bytes) -> str | None:
    r"""The still-image format that a file begins like, None for any other.

    >>> image_format(b"\xff\xd8\xff\xe0...")
    'JPEG'
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    return next((name for magic, name in _IMAGES.items() if head.startswith(magic)), None)


def video_format(head: bytes) -> str | None:
    r"""The video container that a file begins like, None for any other.

    >>> video_format(b"\0\0\0\x20ftypisom")
    'MP4 or MOV'
    """
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free") and head[8:12] not in _BRANDS:
        return "MP4 or MOV"
    if head[:4] == b"RIFF" and head[8:11] == b"AVI":
        return "AVI"
    return next((name for magic, name in _VIDEOS.items() if head.startswith(magic)), None)


def content(head: bytes) -> str | None:
    r"""What a file begins like, in words for a message; None where nothing is recognised.

    Args:
        head: Its first `HEAD` bytes.

    >>> content(b"GIF89a..."), content(b"PK\3\4"), content(b"hello")
    ('a GIF image', 'a zip archive', 'text')
    """
    if name := image_format(head):
        return f"a {name} image"
    if name := video_format(head):
        return f"a video ({name})"
    known = (what for magic, what in _OTHERS.items() if head.startswith(magic))
    return next(known, "text" if head and _is_text(head) else None)


def _is_text(head: bytes) -> bool:
    return all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head)
