import numpy as np
import pytest

from facsimile.media.image import read_image
from facsimile.rendering.people import signed_copy, write_preview


def test_only_the_signed_file_appears(tmp_path):
    path = tmp_path / "new" / "a.mp4"
    with signed_copy(path, lambda source, target: target.write_bytes(source.read_bytes() + b"+")):
        pass_through = next((tmp_path / "new").iterdir()) / "a.mp4"
        pass_through.write_bytes(b"video")
        assert not path.exists()
    assert path.read_bytes() == b"video+"
    assert list((tmp_path / "new").iterdir()) == [path]


def test_nothing_is_signed_when_the_work_fails(tmp_path):
    signed = []
    with (
        pytest.raises(OSError, match="disk"),
        signed_copy(tmp_path / "a.mp4", lambda *paths: signed.append(paths)) as unsigned,
    ):
        unsigned.write_bytes(b"half")
        raise OSError("disk full")
    assert signed == []
    assert list(tmp_path.iterdir()) == []


def test_preview_shows_the_same_frames_of_every_row(tmp_path):
    targets = (np.full((40, 60, 3), index, np.uint8) for index in range(100))
    swapped = (np.full((40, 60, 3), 100 + index, np.uint8) for index in range(100))
    write_preview([targets, swapped], 100, tmp_path / "a.png")
    sheet = read_image(tmp_path / "a.png")
    upper, lower = sheet[20, 30::64, 0], sheet[64, 30::64, 0]
    assert upper.tolist() == [6, 18, 31, 43, 56, 68, 81, 93]
    assert (lower - upper).tolist() == [100] * 8
