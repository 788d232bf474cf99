import io
import struct

import pytest

from facsimile.media import boxes
from facsimile.media.boxes import claimed_samples
from facsimile.media.random_access import Slice

MANY = 80_000_000


def box(kind, *numbers, content=b""):
    body = struct.pack(f">{len(numbers)}I", *numbers) + content
    return struct.pack(">I4s", 8 + len(body), kind) + body


def movie(*tables):
    inside = box(b"stbl", content=b"".join(tables))
    for kind in (b"minf", b"mdia", b"trak", b"moov"):
        inside = box(kind, content=inside)
    return inside


def fragment(flags, count, *more):
    return box(b"moof", content=box(b"traf", content=box(b"trun", flags, count, *more)))


def claimed(data):
    return claimed_samples(io.BytesIO(data))


def test_samples_of_one_size():
    assert claimed(movie(box(b"stsz", 0, 1, MANY))) == MANY
    assert claimed(movie(box(b"stsz", 0, 0, MANY))) == 0  # a table of sizes follows
    both = movie(box(b"stsz", 0, 4, 5)) + movie(box(b"stsz", 0, 1, 7))
    assert claimed(box(b"ftyp", content=b"isom") + both) == 12


def test_sound_whose_samples_last_one_tick():
    chunks = box(b"stco", 0, 10, *range(10))
    runs = box(b"stsc", 0, 2, 1, 2048, 1, 4, MANY, 1)
    expected = 3 * 2 + 7 * -(-MANY // 1024)
    assert claimed(movie(box(b"stts", 0, 1, MANY, 1), runs, chunks)) == expected
    assert claimed(movie(box(b"stts", 0, 1, MANY, 2), runs, chunks)) == 0
    assert claimed(movie(box(b"stts", 0, 1, MANY, 1), chunks)) == 0


def test_fragments():
    assert claimed(fragment(0x000001, MANY) + fragment(0, MANY)) == 2 * MANY
    for flag in (0x100, 0x200, 0x400, 0x800):
        assert claimed(fragment(flag, MANY)) == 0


def test_long_boxes_and_the_last_one():
    table = movie(box(b"stsz", 0, 1, MANY))
    long = struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"x" * 5
    assert claimed(long + table) == MANY
    assert claimed(long + struct.pack(">I4s", 0, b"moov") + table[8:]) == MANY


@pytest.mark.parametrize(
    "data", [b"", b"abc", bytes(100), b"\xff" * 100, b"RIFF" * 50, struct.pack(">I4s", 1, b"moov")]
)
def test_other_files_claim_nothing(data):
    assert claimed(data) == 0


def test_tables_that_are_cut_off():
    for length in range(0, 80, 3):
        tables = movie(box(b"stts", 0, 1, 9, 1), box(b"stsc", 0, 1, 1, 9, 1), box(b"stsz", 0, 1, 9))
        assert claimed(tables[:length]) in (0, 9)


def test_boxes_in_boxes_and_many_boxes_end(monkeypatch):
    table = movie(box(b"stsz", 0, 1, MANY))
    assert claimed(struct.pack(">I4s", 0, b"moov") * 100_000 + table) == 0
    monkeypatch.setattr(boxes, "_MOST", 100)
    assert claimed(box(b"free") * 95 + table) == MANY
    assert claimed(box(b"free") * 96 + table) == 0


@pytest.mark.parametrize("size", [100, 1 << 62])
def test_a_range_that_is_longer_than_its_file(tmp_path, size):
    (tmp_path / "a").write_bytes(movie(box(b"stsz", 0, 1, MANY)) + box(b"free"))
    with Slice(tmp_path / "a", 0, size) as file:
        assert claimed_samples(file) == MANY


def test_a_whole_clip_claims_no_more_than_it_holds(clip):
    with clip.open("rb") as file:
        assert claimed_samples(file) == 0
