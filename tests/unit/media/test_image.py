import io
import struct
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from facsimile.errors import UserError
from facsimile.media.image import read_image, write_image

RNG = np.random.default_rng(1)
RGB = RNG.integers(0, 256, (7, 5, 3), dtype=np.uint8)
BLOCKS = np.repeat(np.repeat(RNG.integers(0, 256, (7, 5, 3), dtype=np.uint8), 8, 0), 8, 1)
GREY = RNG.integers(0, 256, (7, 5), dtype=np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".ppm", ".tiff"])
def test_round_trip_is_lossless(tmp_path, suffix):
    path = tmp_path / f"bild ü漢{suffix}"
    write_image(path, RGB)
    assert np.array_equal(read_image(path), RGB)
    assert np.array_equal(np.asarray(Image.open(path)), RGB)  # another reader agrees on RGB


def test_png_is_the_same_every_time(tmp_path):
    for name in ("a.png", "b.png"):
        write_image(tmp_path / name, RGB)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("name", ["grey.png", "grey.pgm"])
def test_grey_is_repeated(tmp_path, name):
    Image.fromarray(GREY).save(tmp_path / name)
    assert np.array_equal(read_image(tmp_path / name), np.repeat(GREY[..., None], 3, -1))


def test_sixteen_bits_are_cut_to_eight(tmp_path):
    Image.fromarray(GREY.astype(np.uint16) * 256 + 77).save(tmp_path / "deep.png")
    assert np.array_equal(read_image(tmp_path / "deep.png")[..., 0], GREY)


def test_alpha_is_dropped(tmp_path):
    Image.fromarray(np.dstack([RGB, GREY])).save(tmp_path / "alpha.png")
    assert np.array_equal(read_image(tmp_path / "alpha.png"), RGB)


def test_palette(tmp_path):
    Image.fromarray(RGB // 128 * 255).quantize(8).save(tmp_path / "palette.png")
    assert np.array_equal(read_image(tmp_path / "palette.png"), RGB // 128 * 255)


def upright(path):
    """Pillow's own reading, as an oracle."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB")).astype(int)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
def test_exif_orientation_is_applied(tmp_path, suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a{suffix}"
    Image.fromarray(BLOCKS).save(path, exif=exif, **({"quality": 95} if suffix == ".jpg" else {}))
    image = read_image(path)
    assert image.shape == ((40, 56, 3) if orientation > 4 else (56, 40, 3))
    assert image.shape == upright(path).shape and np.abs(image - upright(path)).max() <= 2


@pytest.mark.parametrize("transform", [0, 2], ids=["CMYK", "YCCK"])
def test_cmyk_jpeg(tmp_path, transform):
    target = io.BytesIO()
    Image.fromarray(BLOCKS).convert("CMYK").save(target, "JPEG", quality=95, subsampling=0)
    data = bytearray(target.getvalue())
    data[data.index(b"Adobe") + 11] = transform
    (tmp_path / "a.jpg").write_bytes(data)
    image, oracle = read_image(tmp_path / "a.jpg"), upright(tmp_path / "a.jpg")
    assert np.abs(image - oracle).mean() < 1.5 and np.abs(image - oracle).max() < 12
    if not transform:
        assert np.abs(image.astype(int) - BLOCKS).mean() < 8


def test_cmyk_tiff(tmp_path):
    Image.fromarray(BLOCKS).convert("CMYK").save(tmp_path / "a.tiff")
    assert np.array_equal(read_image(tmp_path / "a.tiff"), upright(tmp_path / "a.tiff"))


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled(tmp_path, suffix, channels):
    deep = RNG.integers(0, 65536, (9, 11, channels), dtype=np.uint16)
    deep[0, 0], deep[0, 1] = 0, 65535
    (tmp_path / f"a{suffix}").write_bytes(cv2.imencode(suffix, deep[..., ::-1])[1].tobytes())
    image = read_image(tmp_path / f"a{suffix}")
    assert np.abs(image - np.round(deep / 257)).max() <= 1
    assert not image[0, 0].any() and (image[0, 1] == 255).all()


def transparent(mode):
    image = Image.fromarray(BLOCKS)
    image.putalpha(Image.fromarray(BLOCKS[..., 0]))
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_any_alpha_is_dropped_and_not_composited(tmp_path, mode, suffix):
    options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
    transparent(mode).save(tmp_path / f"a{suffix}", **options)
    oracle = BLOCKS if mode == "RGBA" else upright(tmp_path / f"a{suffix}")
    assert np.array_equal(read_image(tmp_path / f"a{suffix}"), oracle)


def test_a_transparent_colour_of_a_palette_is_dropped(tmp_path):
    palette = Image.fromarray(BLOCKS).quantize(8)
    palette.save(tmp_path / "a.png", transparency=3)
    assert np.array_equal(read_image(tmp_path / "a.png"), np.asarray(palette.convert("RGB")))
    palette.save(tmp_path / "a.gif", transparency=3)
    opaque = np.asarray(palette) != 3
    image = read_image(tmp_path / "a.gif")
    assert np.array_equal(image[opaque], np.asarray(palette.convert("RGB"))[opaque])
    assert len(np.unique(image[~opaque], axis=0)) == 1  # a GIF has no colour beneath


def test_libtiff_puts_transparent_pixels_on_black(tmp_path):
    transparent("RGBA").save(tmp_path / "a.tiff")
    expected = BLOCKS * (BLOCKS[..., :1] / 255)
    assert np.abs(read_image(tmp_path / "a.tiff") - expected).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_colours(tmp_path, mode):
    for suffix in (".png", ".tiff", ".gif", ".bmp"):
        Image.fromarray(BLOCKS).convert(mode).save(tmp_path / f"a{suffix}")
        assert np.array_equal(read_image(tmp_path / f"a{suffix}"), upright(tmp_path / f"a{suffix}"))


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (71, 1), (33, 17)])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".tiff", ".bmp"])
def test_tiny_and_odd_sizes(tmp_path, suffix, size):
    Image.new("RGB", size, (200, 30, 90)).save(tmp_path / f"a{suffix}")
    image = read_image(tmp_path / f"a{suffix}")
    assert image.shape == (size[1], size[0], 3) and np.abs(image[0, 0] - [200.0, 30, 90]).max() < 9


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_an_animation_is_no_still_image(tmp_path, form):
    frames = [Image.fromarray(np.full((20, 20, 3), 60 * k, np.uint8)) for k in range(4)]
    frames[0].save(tmp_path / "a.gif", form, save_all=True, append_images=frames[1:])
    with pytest.raises(UserError, match=r"a\.gif: it is an animated"):
        read_image(tmp_path / "a.gif")
    frames[1].save(tmp_path / "still.gif", form)
    assert np.abs(read_image(tmp_path / "still.gif") - 60.0).max() <= 1


def test_of_several_pages_the_first_is_read(tmp_path):
    pages = [Image.fromarray(BLOCKS), Image.fromarray(255 - BLOCKS)]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:])
    assert np.array_equal(read_image(tmp_path / "a.tiff"), BLOCKS)
    pages[0].save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=pages[1:], quality=95)
    assert np.abs(read_image(tmp_path / "a.jpg") - upright(tmp_path / "a.jpg")).max() <= 2


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG", "TIFF", "GIF", "BMP"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".mp4", ""])
def test_content_counts_and_not_the_name(tmp_path, form, suffix):
    Image.fromarray(BLOCKS).save(tmp_path / f"a{suffix}", form)
    assert np.array_equal(read_image(tmp_path / f"a{suffix}"), upright(tmp_path / f"a{suffix}"))


def grey_png(width, height):
    """A real and whole image of black pixels, of one bit each."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)), 1)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path):
    (tmp_path / "a.png").write_bytes(grey_png(20_000, 20_000))
    tracemalloc.start()
    with pytest.raises(
        UserError, match=r"a\.png: its 20000 x 20000 pixels are more than 200000000"
    ):
        read_image(tmp_path / "a.png")
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    (tmp_path / "b.png").write_bytes(grey_png(300, 200))
    assert read_image(tmp_path / "b.png", pixel_limit=60_000).shape == (200, 300, 3)
    with pytest.raises(UserError, match="more than 59999"):
        read_image(tmp_path / "b.png", pixel_limit=59_999)


def test_the_limit_holds_for_what_a_jpeg_claims(tmp_path):
    target = io.BytesIO()
    Image.fromarray(BLOCKS).save(target, "JPEG")
    data = bytearray(target.getvalue())
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", 60_000, 60_000)
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(UserError, match="60000 x 60000"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"some text", "it is text and no image"),
        (b"\0\0\0\x18ftypisom" + bytes(99), r"it is a video \(MP4 or MOV\) and no image"),
        (b"\0\0\0\x18ftypheic" + bytes(99), "damaged HEIC, or of a kind that is not read"),
        (b"PK\3\4" + bytes(99), "it is a zip archive and no image"),
        (b"\xff\xd8\xff\xe0" + bytes(99), "damaged JPEG"),
        (bytes(99), "it is no image"),
    ],
)
def test_the_reason_says_what_it_is(tmp_path, content, reason):
    (tmp_path / "ü.jpg").write_bytes(content)
    with pytest.raises(UserError, match=f"cannot read .*ü.jpg: .*{reason}"):
        read_image(tmp_path / "ü.jpg")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff", ".gif", ".bmp"])
def test_a_truncated_image_is_none(tmp_path, suffix, share):
    path = tmp_path / f"a{suffix}"
    Image.fromarray(RNG.integers(0, 256, (90, 90, 3), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(UserError, match=f"a{suffix}"):
        read_image(path)


@pytest.mark.parametrize("content", [b"", b"no image at all", b"\x89PNG\r\n\x1a\n"])
def test_no_image(tmp_path, content):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(UserError, match=r"x\.png"):
        read_image(tmp_path / "x.png")


def test_missing_file_and_unknown_suffix(tmp_path):
    with pytest.raises(UserError, match=r"gone\.png"):
        read_image(tmp_path / "gone.png")
    with pytest.raises(UserError, match=r"\.xyz"):
        write_image(tmp_path / "a.xyz", RGB)
    assert not list(tmp_path.iterdir())
