"""What a file is called in a manifest, by its first bytes."""

from pathlib import Path

from facsimile.media.sniff import HEAD, image_format, video_format

# names of the Internet Assigned Numbers Authority, or in use
_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "WebP": "image/webp",
    "JPEG 2000": "image/jp2",
    "BMP": "image/bmp",
    "PNM": "image/x-portable-anymap",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
    "HEIF": "image/heif",
    "AVI": "video/x-msvideo",
    "Matroska or WebM": "video/x-matroska",
    "MPEG": "video/mpeg",
    "FLV": "video/x-flv",
    "ASF": "video/x-ms-asf",
}
UNKNOWN = "application/octet-stream"


def media_type(path: Path) -> str:
    """The media type (RFC 6838) of a picture or video, whatever its name says.

    A QuickTime film from before there was a file-type box is of an unknown one: there is no place
    for a manifest in it, and what looks for one there takes the file for broken.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    name = image_format(head) or video_format(head)
    if name == "MP4 or MOV":
        return _quicktime_or_mp4(head)
    return _TYPES.get(name or "", UNKNOWN)


def _quicktime_or_mp4(head: bytes) -> str:
    if head[4:8] != b"ftyp":
        return UNKNOWN
    return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
