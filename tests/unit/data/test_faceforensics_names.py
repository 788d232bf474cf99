import pytest
from tests.trees import pack, write_json

from facsimile.data.faceforensics_names import OfficialSplits, video_at

FAKES, ORIGINALS = "manipulated_sequences", "original_sequences"


@pytest.mark.parametrize(
    ("file", "compression", "clip", "people", "original"),
    [
        (f"{ORIGINALS}/youtube/c23/videos/000.mp4", "c23", "youtube/000", ("000",), "youtube/000"),
        (
            f"x/{FAKES}/FaceShifter/raw/videos/000_003.avi",
            *("raw", "FaceShifter/000_003", ("000", "003"), "youtube/000"),
        ),
        (
            f"{FAKES}/DeepFakeDetection/c40/videos/01_27__meeting_serious__ZYCZ30C0.mp4",
            *("c40", "DeepFakeDetection/01_27__meeting_serious__ZYCZ30C0", ("01", "27")),
            "actors/01__meeting_serious",
        ),
        (
            f"{ORIGINALS}/actors/c23/videos/01__exit_phone_room.mp4",
            *("c23", "actors/01__exit_phone_room", ("01",), "actors/01__exit_phone_room"),
        ),
        (
            f"{FAKES.upper()}/deepfakes/C23/Videos/1_2.MP4",
            *("c23", "Deepfakes/1_2", ("1", "2"), "youtube/1"),
        ),
        (
            f"ff.zip/{ORIGINALS}/youtube/c23/videos/000.mp4",
            *("c23", "youtube/000", ("000",), "youtube/000"),
        ),
        (
            f"{ORIGINALS}/youtube/c23/videos.tar/000.mp4",
            *("c23", "youtube/000", ("000",), "youtube/000"),
        ),
    ],
)
def test_official_places(file, compression, clip, people, original):
    found, video = video_at(file)
    assert (found, video.clip, video.people) == (compression, clip, people)
    assert (video.file, video.original) == (file, original)


@pytest.mark.parametrize(
    "file",
    [
        "000.mp4",
        f"{ORIGINALS}/youtube/c23/000.mp4",
        f"{ORIGINALS}/other/c23/videos/000.mp4",
        f"{FAKES}/Deepfakes/masks/videos/x/000_003.mp4",
    ],
)
def test_other_places(file):
    assert video_at(file) is None


@pytest.mark.parametrize(
    "file",
    [
        f"{ORIGINALS}/youtube/c23/videos/000_003.mp4",
        f"{FAKES}/Deepfakes/c23/videos/000.mp4",
        f"{FAKES}/Deepfakes/c23/videos/first.mp4",
    ],
)
def test_names_that_say_nothing(file):
    assert video_at(file)[1].people == ()


def test_official_splits_wherever_they_are(tmp_path):
    write_json(tmp_path / "a/splits/train.json", [["000", "003"]])
    write_json(tmp_path / "splits/val.json", [["010", 12]])
    pack(tmp_path / "splits", "splits.zip").rename(tmp_path / "splits.zip")
    official = OfficialSplits()
    files = ["a/splits/train.json", "splits.zip/val.json", "train.json", "a/test.json"]
    assert list(official.read(tmp_path, files)) == []
    assert official.pairs == [("000", "003"), ("010", "12")]
    assert official.of == {"000": "train", "003": "train", "010": "val", "12": "val"}


def test_pairs_that_are_malformed(tmp_path):
    write_json(tmp_path / "splits/train.json", [["000", "003"], ["1"], "12", {"a": "b"}])
    write_json(tmp_path / "splits/val.json", [["003", "010"]])
    (tmp_path / "splits/test.json").write_text("{")
    official = OfficialSplits()
    files = [f"splits/{name}.json" for name in ("train", "val", "test")]
    told = [(one.path, one.reason) for one in official.read(tmp_path, files)]
    assert [path for path, _ in told] == ["splits/train.json"] * 3 + files[1:]
    assert "is in train already" in told[3][1] and "no JSON" in told[4][1]
    assert official.pairs == [("000", "003")]
