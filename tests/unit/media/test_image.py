import numpy as np
import pytest
from PIL import Image

from facsimile.errors import UserError
from facsimile.media.image import read_image, write_image

RNG = np.random.default_rng(1)
RGB = RNG.integers(0, 256, (7, 5, 3), dtype=np.uint8)
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


def test_exif_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.repeat(np.repeat(RGB, 8, 0), 8, 1)).save(tmp_path / "a.jpg", exif=exif)
    assert read_image(tmp_path / "a.jpg").shape == (40, 56, 3)


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
