import pytest
from tests import trees
from tests.cuts import Blank, Cut
from tests.trees import pack, write_json

from facsimile.data.faceforensics import FaceForensicsDataset
from facsimile.errors import UserError
from facsimile.media.video import probe


def listed(root, **knobs):
    return {clip.clip: clip for clip in FaceForensicsDataset(root, **knobs).clips()}


def reasons(root, **knobs):
    return {p.path: p.reason for p in FaceForensicsDataset(root, **knobs).problems()}


@pytest.fixture
def tree(tmp_path):
    return trees.faceforensics(tmp_path, Blank())


def test_originals_and_fakes(tree):
    clips = listed(tree)
    assert len(clips) == 4 + 8 + 2 + 1
    assert {name for name, clip in clips.items() if clip.label == 0} == {
        *(f"youtube/{number}" for number in ("000", "003", "010", "012")),
        "actors/01__hugging_happy",
        "actors/02__hugging_happy",
    }
    assert {clip.path.parts[-3] for clip in clips.values()} == {"c23"}
    assert reasons(tree) == {}


def test_faceforensics_trap_a_fake_mixes_two_originals(tree):
    clips = listed(tree)
    for a, b in (("000", "003"), ("010", "012")):
        names = (f"youtube/{a}", f"youtube/{b}", f"Deepfakes/{a}_{b}", f"Face2Face/{b}_{a}")
        assert {clips[name].origin for name in names} == {f"youtube/{a}+{b}"}
    actors = [clip.origin for name, clip in clips.items() if "__" in name]
    assert actors == ["actors/01+02"] * 3


def test_faceforensics_trap_without_the_official_splits(tree):
    origins = {name: clip.origin for name, clip in listed(tree).items()}
    for path in (tree / "splits").iterdir():
        path.unlink()
    assert {name: clip.origin for name, clip in listed(tree).items()} == origins
    assert {clip.official for clip in listed(tree).values()} == {""}
    videos = tree / "manipulated_sequences/Deepfakes/c23/videos"
    (videos / "003_010.mp4").write_bytes(b"")
    youtube = {clip.origin for name, clip in listed(tree).items() if "__" not in name}
    assert youtube == {"youtube/000+003+010+012"}


def test_official_splits(tree):
    official = {name: clip.official for name, clip in listed(tree).items()}
    assert official["youtube/000"] == official["Deepfakes/003_000"] == "train"
    assert official["youtube/012"] == official["Face2Face/010_012"] == "val"
    assert official["actors/01__hugging_happy"] == ""


def test_a_fake_across_the_official_splits_is_set_aside(tree):
    path = tree / "manipulated_sequences/Deepfakes/c23/videos/003_010.mp4"
    path.write_bytes(b"")
    assert "Deepfakes/003_010" not in listed(tree)
    assert "train and val" in reasons(tree)[path.relative_to(tree).as_posix()]


def test_boxes_come_from_the_target(tree):
    clips = listed(tree)
    assert clips["Deepfakes/000_003"].boxes_of == "youtube/000"
    name = "DeepFakeDetection/01_02__hugging_happy__YVGY8LOK"
    assert clips[name].boxes_of == "actors/01__hugging_happy"
    (tree / "original_sequences/youtube/c23/videos/000.mp4").unlink()
    assert listed(tree)["Deepfakes/000_003"].boxes_of == ""


def test_subjects_are_the_actors(tree):
    named = {name: clip.subject for name, clip in listed(tree).items() if clip.subject}
    assert named == {"actors/01__hugging_happy": "actor_01", "actors/02__hugging_happy": "actor_02"}


def test_knobs(tree):
    clips = listed(tree, compression="c40", methods=["Face2Face"])
    assert {clip.path.parts[-3] for clip in clips.values()} == {"c40"}
    assert sum(clip.label for clip in clips.values()) == 4
    with pytest.raises(UserError, match="Deepfake: choose"):
        FaceForensicsDataset(tree, methods=["Deepfake"])
    with pytest.raises(UserError, match="c32"):
        FaceForensicsDataset(tree, compression="c32")


def test_what_is_missing(tree):
    (tree / "manipulated_sequences/Deepfakes/c23/videos/003_000.mp4").unlink()
    (tree / "original_sequences/youtube/c23/videos/012.mp4").unlink()
    assert set(reasons(tree)) == {"Deepfakes/003_000", "youtube/012"}
    assert "FaceSwap" in reasons(tree, methods=["FaceSwap"])
    assert "youtube" in reasons(tree, compression="raw")


def test_what_has_no_place_or_name(tree):
    for name in (
        "downloaded_videos/a/a.mp4",
        "manipulated_sequences/Deepfakes/masks/videos/000_003.mp4",
        "elsewhere/000.mp4",
        "original_sequences/youtube/c23/videos/first.mp4",
        "original_sequences/youtube/c23/videos/000_003.mp4",
        "copy/original_sequences/youtube/c23/videos/000.mp4",
    ):
        Blank().video(tree / name)
    assert len(listed(tree)) == 15
    assert set(reasons(tree)) == {
        "elsewhere/000.mp4",
        "original_sequences/youtube/c23/videos/first.mp4",
        "original_sequences/youtube/c23/videos/000_003.mp4",
        "original_sequences/youtube/c23/videos/000.mp4",
    }


@pytest.mark.parametrize("content", [{}, ["000"], [["000"]], [["000", "012"]]])
def test_splits_that_are_malformed(tree, content):
    write_json(tree / "splits/test.json", content)
    assert "splits/test.json" in reasons(tree)
    (tree / "splits/test.json").write_text("[")
    assert "no JSON" in reasons(tree)["splits/test.json"]


def test_official_numbers_of_pairs(tmp_path):
    trees.faceforensics(tmp_path, Blank())
    numbers = iter(f"{number:03d}" for number in range(1000))
    for split, pairs in (("train", 360), ("val", 70), ("test", 70)):
        write_json(
            tmp_path / f"splits/{split}.json",
            [[next(numbers), next(numbers)] for _ in range(pairs)],
        )
    for number in range(1000):
        (tmp_path / f"original_sequences/youtube/c23/videos/{number:03d}.mp4").touch()
    clips = [c for c in listed(tmp_path, methods=[]).values() if c.clip.startswith("youtube")]
    count = {s: sum(c.official == s for c in clips) for s in ("train", "val", "test")}
    assert count == {"train": 720, "val": 140, "test": 140}


def test_a_folder_of_videos_that_is_packed(tree):
    videos = tree / "manipulated_sequences/Deepfakes/c23"
    pack(videos, "videos.zip", "videos")  # holds videos/000_003.mp4
    originals = tree / "original_sequences/youtube/c23"
    pack(originals / "videos", "videos.tar").rename(originals / "videos.tar")  # holds 000.mp4
    pack(tree / "splits", "splits.zip").rename(tree / "splits.zip")
    Blank().video(tree / "downloaded_videos/a/a.mp4")
    pack(tree, "downloaded_videos.zip", "downloaded_videos")
    clips = listed(tree)
    assert len(clips) == 15 and reasons(tree) == {}
    assert clips["Deepfakes/000_003"].path == videos / "videos.zip/videos/000_003.mp4"
    assert clips["Deepfakes/000_003"].boxes_of == "youtube/000"
    assert clips["youtube/000"].path == originals / "videos.tar/000.mp4"
    assert clips["youtube/000"].official == "train"


@pytest.mark.sample
def test_the_videos_can_be_opened(sample_root, tmp_path):
    trees.faceforensics(tmp_path / "tree", Cut(sample_root, tmp_path / "cut"))
    clips = listed(tmp_path / "tree")
    infos = [probe(clip.path) for clip in clips.values()]
    assert {(info.width, info.height) for info in infos} == {(360, 288), (400, 300), (640, 360)}
    assert all(info.frames == trees.FRAMES and info.has_audio for info in infos)
