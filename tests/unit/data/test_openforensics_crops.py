from collections import Counter

import pytest
from tests import trees
from tests.cuts import Blank
from tests.trees import pack

from facsimile.data.openforensics_crops import OpenForensicsCropsDataset


def listed(root):
    return {clip.clip: clip for clip in OpenForensicsCropsDataset(root).clips()}


def reasons(root):
    return {problem.path: problem.reason for problem in OpenForensicsCropsDataset(root).problems()}


def test_crops(tmp_path):
    clips = listed(trees.openforensics_crops(tmp_path, Blank()))
    assert len(clips) == 12
    assert all(
        clip.cropped and clip.kind == "image" and not clip.subject for clip in clips.values()
    )
    crop = clips["val/fake/fake_2"]
    assert crop.path == tmp_path / "Dataset/Validation/Fake/fake_2.jpg"
    assert (crop.label, crop.official) == (1, "val")
    assert reasons(tmp_path) == {}


def test_openforensics_crops_trap_sorted_folders_give_the_opposite_labels(tmp_path):
    trees.openforensics_crops(tmp_path, Blank())
    folders = sorted(path.name for path in (tmp_path / "Dataset/Train").iterdir())
    by_sorting = {folder.lower(): label for label, folder in enumerate(folders)}
    labels = {clip.path.parent.name.lower(): clip.label for clip in listed(tmp_path).values()}
    assert by_sorting == {"fake": 0, "real": 1}
    assert labels == {"fake": 1, "real": 0}


@pytest.mark.parametrize(
    "folders",
    [("train", "val", "test"), ("TRAIN", "VALIDATION", "TEST"), ("Train", "valid", "Test")],
)
def test_openforensics_crops_trap_case_and_spelling(tmp_path, folders):
    clips = listed(trees.openforensics_crops(tmp_path, Blank(), folders))
    assert Counter(clip.official for clip in clips.values()) == {"train": 4, "val": 4, "test": 4}


@pytest.mark.parametrize("below", ["", "Dataset", "Dataset/Train"])
def test_openforensics_crops_trap_with_or_without_dataset(tmp_path, below):
    trees.openforensics_crops(tmp_path, Blank())
    clips = listed(tmp_path / below)
    assert len(clips) == (4 if below.endswith("Train") else 12)
    assert clips["train/real/real_1"].label == 0


def test_what_lies_elsewhere_or_repeats_is_told(tmp_path):
    root = trees.openforensics_crops(tmp_path, Blank())
    Blank().photo(root / "Dataset/Train/Other/a.jpg")
    Blank().photo(root / "Dataset/Real/a.jpg")
    Blank().photo(root / "Train/Real/real_1.JPG")
    (root / "Dataset/Train/notes.txt").write_text("none of it")
    assert len(listed(root)) == 12
    assert set(reasons(root)) == {
        "Dataset/Train/Other/a.jpg",
        "Dataset/Real/a.jpg",
        "Train/Real/real_1.JPG",
    }
    assert "same crop" in reasons(root)["Train/Real/real_1.JPG"]


@pytest.mark.parametrize("folders", [("Train",), ("Train", "Validation", "Test"), ("Dataset",)])
def test_the_archives_of_splits_or_of_all(tmp_path, folders):
    root = trees.openforensics_crops(tmp_path, Blank())
    labels = {name: clip.label for name, clip in listed(root).items()}
    below = root if folders == ("Dataset",) else root / "Dataset"
    for folder in folders:
        pack(below / folder, "x.zip").rename(below / f"{folder}.zip")
    assert {name: clip.label for name, clip in listed(root).items()} == labels
    assert reasons(root) == {}
