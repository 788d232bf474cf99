import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from facsimile.media.header import Header, image_header

PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8))


def encoded(form, pictures=(PICTURE,), **options):
    target = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:]} if len(pictures) > 1 else {}
    pictures[0].save(target, form, **more, **options)
    return target.getvalue()


@pytest.mark.parametrize(
    ("form", "name"),
    [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WebP"), ("TIFF", "TIFF"), ("GIF", "GIF")]
    + [("BMP", "BMP"), ("PPM", "PNM"), ("AVIF", "AVIF"), ("JPEG2000", "JPEG 2000")],
)
def test_size_without_decoding(form, name):
    mode = "P" if form == "GIF" else "RGB"
    data = encoded(form)
    assert image_header(data) == Header(name, (40, 30), mode, animated=False)
    if form not in ("WEBP", "AVIF"):  # those have their size behind what is cut off
        assert image_header(data[:-400]) in (Header(name, (40, 30), mode, animated=False), None)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_animations(form):
    other = PICTURE.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    header = image_header(encoded(form, (PICTURE, other)))
    assert header is not None and header.animated


@pytest.mark.parametrize("form", ["TIFF", "MPO"])
def test_pages_and_what_phones_append_are_no_animation(form):
    header = image_header(encoded(form, (PICTURE, PICTURE.convert("L").convert("RGB"))))
    assert header is not None and not header.animated and header.size == (40, 30)


def test_a_bomb_is_told_without_a_warning():
    data = bytearray(encoded("PNG"))
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        header = image_header(bytes(data))
    assert header is not None and header.size == (60_000, 60_000)


def test_a_png_chunk_longer_than_the_file_is_damage():
    data = bytearray(encoded("PNG"))
    place = data.index(b"IDAT") - 4
    data[place : place + 4] = struct.pack(">I", 1_900_000_000)
    assert image_header(bytes(data)) is None


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
def test_any_beginning_of_a_file_is_safe(form):
    data = encoded(form)
    for size in range(0, len(data), 17):
        image_header(data[:size])


def test_what_is_no_image():
    assert image_header(b"") is None and image_header(b"no image") is None
