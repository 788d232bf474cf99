from io import BytesIO
from itertools import product

import av
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from facsimile.errors import UserError
from facsimile.media.png_chunks import inserted, made
from facsimile.media.still import Still, read_still
from facsimile.media.still_writing import SUFFIXES, write_still
from facsimile.media.tags import Tags

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
DATE, LATITUDE = 36867, 2


def noise(channels, dtype=np.uint8, shape=(37, 53)):
    high = np.iinfo(dtype).max
    return np.random.default_rng(0).integers(0, high, (*shape, channels), dtype, endpoint=True)


def exif():
    block = Image.Exif()
    block[271], block[274] = "Maker", 6
    block.get_ifd(0x8769)[DATE] = "2020:01:02 03:04:05"
    block.get_ifd(0x8825)[LATITUDE] = (50.0, 30.0, 15.5)
    return block


def told(path):
    """EXIF as Pillow reads it: maker, orientation, date, latitude."""
    with Image.open(path) as image:  # whose `load` turns a TIFF
        block = image.getexif()
        inner = (block.get_ifd(0x8769).get(DATE), block.get_ifd(0x8825).get(LATITUDE))
        return block.get(271), block.get(274), *inner


TOLD = ("Maker", 6, "2020:01:02 03:04:05", (50.0, 30.0, 15.5))


def by_pillow(path, pixels, **options):
    flat = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    Image.fromarray(flat, MODES[pixels.shape[2]]).save(path, **options)


@pytest.mark.parametrize(
    ("suffix", "channels"),
    [
        *product((".png", ".tiff"), (1, 2, 3, 4)),
        *((".webp", channels) for channels in (1, 3, 4)),  # grey with alpha Pillow stores as RGBA
    ],
)
def test_eight_bits_are_read_as_pillow_wrote_them(suffix, channels, tmp_path):
    path, pixels = tmp_path / f"a{suffix}", noise(channels)
    by_pillow(path, pixels, **({"lossless": True, "exact": True} if suffix == ".webp" else {}))
    still = read_still(path)
    wanted = pixels.repeat(3, 2) if suffix == ".webp" and channels == 1 else pixels
    assert np.array_equal(still.pixels, wanted)
    assert still.lossless


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_eight_bits_are_written_as_pillow_reads_them(suffix, channels, tmp_path):
    pixels = noise(channels)
    write_still(tmp_path / f"a{suffix}", Still(pixels))
    with Image.open(tmp_path / f"a{suffix}") as image:
        mode = {1: "RGB", 2: "RGBA"}.get(channels, image.mode) if suffix == ".webp" else image.mode
        assert mode == (MODES[channels] if suffix != ".webp" else image.mode)
        assert np.array_equal(
            np.asarray(image.convert(MODES[channels])).reshape(pixels.shape), pixels
        )


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_come_through_whole(suffix, channels, tmp_path):
    pixels = noise(channels, np.uint16)
    write_still(tmp_path / f"a{suffix}", Still(pixels, Tags(exif=exif().tobytes()[6:], icc=ICC)))
    again = read_still(tmp_path / f"a{suffix}")
    assert again.pixels.dtype == np.uint16
    assert np.array_equal(again.pixels, pixels)
    assert np.array_equal(by_ffmpeg(tmp_path / f"a{suffix}").reshape(pixels.shape), pixels)
    assert told(tmp_path / f"a{suffix}") == TOLD


def by_ffmpeg(path):
    with av.open(path) as container:
        return next(container.decode(video=0)).to_ndarray()


def test_grey_with_alpha_of_sixteen_bits_keeps_both(tmp_path):
    pixels = noise(2, np.uint16)
    for suffix in (".png", ".tiff"):
        write_still(tmp_path / f"a{suffix}", Still(pixels))
        assert np.array_equal(read_still(tmp_path / f"a{suffix}").pixels, pixels[..., [0, 0, 0, 1]])


def test_a_tiffs_alpha_is_declared(tmp_path):
    write_still(tmp_path / "a.tiff", Still(noise(4, np.uint16)))
    with tifffile.TiffFile(tmp_path / "a.tiff") as file:
        assert file.pages[0].tags["ExtraSamples"].value == (2,)
        assert file.pages[0].photometric.name == "RGB"


@pytest.mark.parametrize("target", SUFFIXES)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_profile_and_resolution_go_from_each_format_into_each(source, target, tmp_path):
    first, second = tmp_path / "a", tmp_path / f"b{target}"
    options = {} if source == "TIFF" else {"xmp": XMP}
    image = Image.fromarray(noise(3))
    if source == "TIFF":
        write_still(
            first.with_suffix(".tif"), Still(noise(3), Tags(exif().tobytes()[6:], ICC, XMP))
        )
        first.with_suffix(".tif").rename(first)
    elif source == "PNG":
        stream = BytesIO()
        image.save(stream, "PNG", dpi=(300, 200))
        block = exif().tobytes()[6:]
        first.write_bytes(inserted(stream.getvalue(), made(ICC, block, XMP, None)))
    else:
        image.save(first, source, exif=exif(), icc_profile=ICC, dpi=(300, 200), **options)
    still = read_still(first)
    assert still.tags.orientation == 6
    assert still.pixels.shape == (37, 53, 3)  # as stored
    write_still(second, still)
    assert told(second) == TOLD
    with Image.open(second) as image:
        assert image.info["icc_profile"] == ICC
        assert image.info["xmp"].rstrip(b"\0") == XMP
        if source in ("JPEG", "PNG") and target != ".webp":  # which has no place for it
            assert image.info["dpi"] == pytest.approx((300, 200), rel=1e-3)


def test_a_pngs_texts_and_gamma_stay_as_they_are(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "Ann")
    info.add(b"gAMA", (45455).to_bytes(4))
    Image.fromarray(noise(3)).save(tmp_path / "a.png", pnginfo=info)
    write_still(tmp_path / "b.png", read_still(tmp_path / "a.png"))
    with Image.open(tmp_path / "b.png") as image:
        assert image.info["Author"] == "Ann"
        assert image.info["gamma"] == 0.45455


def test_a_palette_becomes_its_colours(tmp_path):
    picture = Image.fromarray(noise(3)).quantize(16)
    for suffix in ("png", "tiff"):
        picture.save(tmp_path / f"a.{suffix}")
        assert np.array_equal(read_still(tmp_path / f"a.{suffix}").pixels, picture.convert("RGB"))


def test_black_and_white_is_grey(tmp_path):
    picture = Image.fromarray(noise(1)[..., 0]).convert("1")
    for suffix in ("png", "tiff"):
        picture.save(tmp_path / f"a.{suffix}")
        read = read_still(tmp_path / f"a.{suffix}").pixels
        assert np.array_equal(read[..., 0], np.asarray(picture.convert("L")))


def test_a_jpeg_keeps_its_colour_detail(tmp_path):
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[::2, :, 0] = 255  # red lines, which halved chroma would blur
    write_still(tmp_path / "a.jpg", Still(pixels), quality=95)
    with Image.open(tmp_path / "a.jpg") as image:
        assert np.abs(np.asarray(image).astype(int) - pixels).max() < 30


def test_quality_is_for_lossy_files_only(tmp_path):
    for lossless in (True, False):  # with a profile and alpha, which come before the pixels
        options = {"icc_profile": ICC, "quality": 50, "lossless": lossless}
        Image.fromarray(noise(4)).save(tmp_path / "a.webp", **options)
        still = read_still(tmp_path / "a.webp")
        assert still.lossless == lossless
    sizes = []
    for quality in (20, 95):
        write_still(tmp_path / "b.webp", still, quality)
        sizes.append((tmp_path / "b.webp").stat().st_size)
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize(
    ("name", "pixels", "words"),
    [
        ("a.jpg", noise(4), "no alpha"),
        ("a.jpg", noise(3, np.uint16), "8 bits"),
        ("a.webp", noise(3, np.uint16), "8 bits"),
        ("a.bmp", noise(3), ".png"),
    ],
)
def test_a_format_that_would_lose_something_is_refused(name, pixels, words, tmp_path):
    with pytest.raises(UserError, match=words):
        write_still(tmp_path / name, Still(pixels))
    assert not (tmp_path / name).exists()


def spoiled(path):
    Image.fromarray(noise(3)).save(path)
    data = path.read_bytes()
    path.write_bytes(data[:200])


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "webp"])
def test_a_cut_off_file_is_refused_or_read_as_far_as_it_goes(suffix, tmp_path):
    spoiled(tmp_path / f"a.{suffix}")
    try:
        assert read_still(tmp_path / f"a.{suffix}").pixels.shape == (37, 53, 3)
    except UserError as error:
        assert f"a.{suffix}" in str(error)


def test_what_would_be_read_wrongly_is_refused(tmp_path):
    picture = Image.fromarray(noise(3))
    picture.convert("CMYK").save(tmp_path / "cmyk.jpg")
    picture.save(tmp_path / "pages.tiff", save_all=True, append_images=[picture])
    picture.save(tmp_path / "moving.webp", save_all=True, append_images=[picture.rotate(90)])
    picture.save(tmp_path / "a.bmp")
    tifffile.imwrite(tmp_path / "float.tiff", np.zeros((8, 8), np.float32))
    tifffile.imwrite(tmp_path / "big.tiff", noise(3), photometric="rgb", bigtiff=True)
    (tmp_path / "text.png").write_text("hello")
    for name in (
        "cmyk.jpg",
        "pages.tiff",
        "moving.webp",
        "a.bmp",
        "float.tiff",
        "big.tiff",
        "text.png",
    ):
        with pytest.raises(UserError, match=name):
            read_still(tmp_path / name)


def test_size_is_found_out_before_a_pixel_is_decoded(tmp_path):
    Image.fromarray(noise(3)).save(tmp_path / "a.png")
    with pytest.raises(UserError, match="53 x 37"):
        read_still(tmp_path / "a.png", pixel_limit=1000)
