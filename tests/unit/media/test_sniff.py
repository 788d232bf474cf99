import io

import numpy as np
import pytest
from PIL import Image

from facsimile.media.sniff import HEAD, content, image_format, video_format

FORMATS = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "GIF": "GIF",
    "TIFF": "TIFF",
    "BMP": "BMP",
    "PPM": "PNM",
    "WEBP": "WebP",
    "AVIF": "AVIF",
    "JPEG2000": "JPEG 2000",
}


@pytest.mark.parametrize(("pillow", "name"), FORMATS.items())
def test_what_pillow_writes(pillow, name):
    target = io.BytesIO()
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(target, pillow)
    head = target.getvalue()[:HEAD]
    assert image_format(head) == name and video_format(head) is None
    assert content(head) == f"a {name} image"


@pytest.mark.parametrize(
    ("suffix", "codec", "name"),
    [
        ("mp4", "libx264", "MP4 or MOV"),
        ("mov", "libx264", "MP4 or MOV"),
        ("mkv", "libx264", "Matroska or WebM"),
        ("avi", "mpeg4", "AVI"),
        ("flv", "flv1", "FLV"),
    ],
)
def test_what_pyav_writes(tools, tmp_path, suffix, codec, name):
    frames = tools.smooth_frames(2, 64, 48)
    path = tools.write_plain(tmp_path / f"a.{suffix}", frames, codec=codec, audio=None)
    head = path.read_bytes()[:HEAD]
    assert video_format(head) == name and image_format(head) is None
    assert content(head) == f"a video ({name})"


def test_others():
    assert content(b"{\n  'a': 1}") == "text"
    assert content(b"%PDF-1.7") == "a PDF document"
    assert content(b"") is None and content(bytes(range(64))) is None
