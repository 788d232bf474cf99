import io
import struct
import zlib
from fractions import Fraction

import numpy as np
import pytest
from tests.made_studio import described

from facsimile.data.description import DataSetDescription
from facsimile.errors import UserError
from facsimile.media.image import encode_image
from facsimile.media.video import VideoWriter
from facsimile.studio.errors import RefusedError, TooLargeError, UnsupportedError
from facsimile.studio.settings import Limits, StudioSettings
from facsimile.studio.sources import Sources
from facsimile.studio.uploads import Uploads

NOISE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)


@pytest.fixture
def uploads(tmp_path):
    def make(**limits):
        settings = StudioSettings(tmp_path / "local", tmp_path / "studio", tmp_path / "raw")
        return Uploads(Sources(settings), Limits(**limits))

    return make


def bomb(side=60000):
    """A PNG of a few kilobytes that says it has so many pixels, and has."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((side // 8 + 1) * 2000), 9)
    end = chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + end


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff"])
def test_pictures_of_four_kinds_are_read(uploads, suffix):
    read = uploads().picture(io.BytesIO(encode_image(NOISE, suffix)))
    assert read.shape == NOISE.shape
    if suffix in (".png", ".tiff"):
        np.testing.assert_array_equal(read, NOISE)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", UnsupportedError),
        (b"GIF89a" + b"\0" * 50, UnsupportedError),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", UnsupportedError),
        (b"PK\3\4" + b"\0" * 50, UnsupportedError),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, RefusedError),
        (encode_image(NOISE, ".png")[:200], RefusedError),
    ],
)
def test_what_is_no_picture_is_refused(uploads, content, error):
    with pytest.raises(error):
        uploads().picture(io.BytesIO(content))


def test_a_picture_that_explodes_is_refused_before_it_is_decoded(uploads):
    import tracemalloc

    content = bomb()
    assert len(content) < 100_000
    tracemalloc.start()
    with pytest.raises(RefusedError, match="60000 x 60000"):
        uploads(pixels=10**6).picture(io.BytesIO(content))
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_more_bytes_than_are_taken_are_refused(uploads):
    with pytest.raises(TooLargeError):
        uploads(upload=100).picture(io.BytesIO(encode_image(NOISE, ".png")))


def test_files_are_kept_under_harmless_names_with_the_suffix_of_what_they_are(uploads, tmp_path):
    said = DataSetDescription(**described(tmp_path))
    png, jpg = (encode_image(NOISE, suffix) for suffix in (".png", ".jpg"))
    given = [
        ("../../a b.exe", png),
        ("a b.png", jpg),
        ("a-b.png", png),
        (".htaccess", png),
        ("C:\\x\\n\0l.svg", png),
    ]
    kept = uploads().keep(said, [(name, io.BytesIO(data)) for name, data in given])
    assert kept.kept == ["a-b.png", "a-b.jpg", "a-b-2.png", "htaccess.png", "n-l.png"]
    assert kept.refused == {}
    folder = tmp_path / "raw/mine"
    assert sorted(path.name for path in folder.iterdir()) == sorted(kept.kept)
    assert (folder / "a-b.png").read_bytes() == png


def test_a_video_is_kept(uploads, tmp_path):
    with VideoWriter(tmp_path / "a.mp4", 32, 24, Fraction(25)) as writer:
        writer.write(NOISE)
    said = DataSetDescription(**described(tmp_path))
    with (tmp_path / "a.mp4").open("rb") as file:
        assert uploads().keep(said, [("clip.MOV", file)]).kept == ["clip.mp4"]


def test_what_cannot_be_used_is_refused_and_the_rest_kept(uploads, tmp_path):
    said = DataSetDescription(**described(tmp_path))
    good = io.BytesIO(encode_image(NOISE, ".png"))
    bad = io.BytesIO(b"\0\0\0\x20ftypisom" + b"\0" * 100)
    done = uploads().keep(
        said, [("bad.mp4", bad), ("good.png", good), ("t.txt", io.BytesIO(b"hi"))]
    )
    assert done.kept == ["good.png"]
    assert list(done.refused) == ["bad.mp4", "t.txt"]
    assert [path.name for path in (tmp_path / "raw/mine").iterdir()] == ["good.png"]


def test_files_are_sent_only_to_a_data_sets_own_folder(uploads, tmp_path):
    said = DataSetDescription(**described(tmp_path) | {"root": str(tmp_path / "raw/other")})
    with pytest.raises(UserError, match="elsewhere"):
        uploads().keep(said, [])


def test_pictures_are_sent_over_the_api(api, mine, tmp_path):
    png = encode_image(NOISE, ".png")
    files = [("files", ("../x.png", png, "image/png")), ("files", ("y.png", b"no", "image/png"))]
    answer = api.post("/datasets/mine/images", files=files)
    assert (answer.status_code, answer.json()["kept"]) == (201, ["x.png"])
    assert list(answer.json()["refused"]) == ["y.png"]
    assert (tmp_path / "raw/mine/x.png").is_file()
