import zipfile
from pathlib import Path

import numpy as np
import pytest

from facsimile.data.findings import Findings
from facsimile.data.problems import Problem
from facsimile.data.records import Annotation, Clip
from facsimile.media.image import write_image


def clip(path, **given):
    kind = "image" if path.suffix == ".png" else "video"
    return Clip(path, "toy", given.pop("clip", path.stem), given.pop("subject", ""), kind, **given)


@pytest.fixture
def found(tmp_path):
    """Nothing yet, of a folder with three pictures, an empty file and a broken video."""
    for k in range(3):
        write_image(tmp_path / f"{k}.png", np.full((20, 30 + k, 3), 99, np.uint8))
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "broken.mp4").write_bytes(b"no video at all")
    return Findings(tmp_path)


def test_clips_are_counted_by_split_and_label(found):
    root = found.root
    found.add(clip(root / "0.png", official="test"))
    found.add(clip(root / "1.png", official="train", label=1))
    found.add(clip(root / "2.png", official="train", label=1))
    found.add(clip(root / "broken.mp4", official="dev"))
    found.add(clip(root / "empty.mp4"))
    assert list(found.splits().items()) == [
        ("train", {"real": 0, "fake": 2}),
        ("test", {"real": 1, "fake": 0}),
        ("dev", {"real": 1, "fake": 0}),
        ("none", {"real": 1, "fake": 0}),
    ]
    assert found.summary()["kinds"] == {"image": 3, "video": 2}


def test_people_and_originals_are_counted_once(found):
    root = found.root
    found.add(clip(root / "0.png", subject="ann"))
    found.add(clip(root / "1.png", subject="ann", origin="0", label=1, boxes_of="0"))
    found.add(clip(root / "2.png", clip="0"))
    told = found.summary()
    assert (told["subjects"], told["origins"], told["share_boxes"]) == (1, 1, 1)


def test_marked_faces_are_counted_by_their_own_label(found):
    box = (0.0, 0.0, 9.0, 9.0)
    marks = (Annotation(box, 0), Annotation(box, 1), Annotation(box, 1))
    found.add(clip(found.root / "0.png", annotations=marks, label=1))
    found.add(clip(found.root / "1.png", annotations=()))
    assert found.summary()["marked_faces"] == {"real": 1, "fake": 2}


def test_bytes_and_empty_files(found):
    for name in ("0.png", "empty.mp4"):
        found.add(clip(found.root / name))
    assert (found.bytes, found.empty) == ((found.root / "0.png").stat().st_size, 1)


def test_an_archive_weighs_once_however_many_members_are_listed(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("x.png", "y.png"):
            archive.writestr(name, b"123")
    found = Findings(tmp_path)
    for name in ("x.png", "y.png"):
        found.add(clip(tmp_path / "a.zip" / name))
    assert found.bytes == (tmp_path / "a.zip").stat().st_size and len(found.clips) == 2


def test_reasons_are_counted_without_their_numbers_most_first(found):
    for path, reason in (("a", "gone"), ("b", "image 7 is missing"), ("c", "image 12 is missing")):
        found.add(Problem(path, reason))
    assert list(found.reasons().items()) == [("image N is missing", 2), ("gone", 1)]
    assert found.summary()["problems"][1] == {"path": "b", "reason": "image 7 is missing"}
    assert not found.clips


def test_what_is_looked_into_is_told_or_why_it_cannot_be(found):
    for name in ("0.png", "broken.mp4", "empty.mp4"):
        found.add(clip(found.root / name))
    found.open_some(99)
    picture, broken, empty = found.opened
    assert picture == {"path": "0.png", "kind": "image", "width": 30, "height": 20}
    assert (broken["path"], empty["path"]) == ("broken.mp4", "empty.mp4")
    assert "no video" in broken["reason"] and "empty" in empty["reason"]
    assert str(found.root) not in broken["reason"] + empty["reason"]
    told = {problem.path: problem.reason for problem in found.problems}
    assert told == {one["path"]: one["reason"] for one in (broken, empty)}


@pytest.mark.parametrize(("number", "opened"), [(0, []), (1, ["0.png"]), (2, ["0.png", "1.png"])])
def test_those_looked_into_are_spread_over_the_data_set(found, number, opened):
    for k in range(3):
        found.add(clip(found.root / f"{k}.png"))
    found.open_some(number)
    assert [one["path"] for one in found.opened] == opened


@pytest.mark.sample
def test_a_video_is_told_with_its_sound(sample_root):
    found = Findings(sample_root)
    found.add(clip(sample_root / "clips/franck.mp4"))
    found.open_some(1)
    [told] = found.opened
    assert (told["width"], told["height"], told["frames"]) == (360, 288, 4800)
    assert told["sound"] in (True, False) and told["frame_rate"] == pytest.approx(25, abs=6)


def test_no_clip_at_all_is_no_error():
    found = Findings(Path("nowhere"))
    found.open_some(5)
    assert found.summary()["clips"] == 0 and found.splits() == {}
