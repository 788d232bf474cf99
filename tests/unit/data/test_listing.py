import pytest
from tests import trees
from tests.trees import Blank

from facsimile.data.dfdc import DfdcDataset
from facsimile.data.faceforensics import FaceForensicsDataset
from facsimile.data.folder import FolderDataset
from facsimile.data.listing import label_of, official_split
from facsimile.data.openforensics import OpenForensicsDataset
from facsimile.data.openforensics_crops import OpenForensicsCropsDataset
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.data.sample import SampleDataset

TREES = [
    (DfdcDataset, trees.dfdc_full),
    (DfdcDataset, trees.dfdc_sample),
    (DfdcDataset, trees.dfdc_preview),
    (DfdcDataset, trees.dfdc_test),
    (OpenForensicsDataset, trees.openforensics),
    (OpenForensicsCropsDataset, trees.openforensics_crops),
    (FaceForensicsDataset, trees.faceforensics),
    (FolderDataset, trees.folder),
]


def check_records(dataset):
    entries = list(dataset.entries())
    clips = [entry for entry in entries if isinstance(entry, Clip)]
    problems = [entry for entry in entries if isinstance(entry, Problem)]
    assert clips and len(clips) + len(problems) == len(entries)
    assert list(dataset.clips()) == clips and list(dataset.problems()) == problems
    assert len({(clip.clip, clip.frame) for clip in clips}) == len(clips)
    names = {clip.clip for clip in clips}
    for clip in clips:
        assert clip.path.is_relative_to(dataset.root) and clip.dataset == dataset.name
        assert clip.label in (0, 1) and clip.official in ("", "train", "val", "test")
        assert clip.boxes_of in names | {""} and clip.boxes_of != clip.clip
    splits = {}
    for clip in clips:
        assert splits.setdefault(clip.origin or clip.clip, clip.official) == clip.official
    assert all(problem.reason and not problem.path.startswith("/") for problem in problems)
    return clips


@pytest.mark.parametrize(("kind", "plant"), TREES)
def test_every_data_set_gives_the_same_records(tmp_path, kind, plant):
    root = plant(tmp_path / "ä tree", Blank())
    clips = check_records(kind(root))
    renamed = plant(tmp_path / "b", Blank())
    assert [clip.clip for clip in kind(renamed).clips()] == [clip.clip for clip in clips]


@pytest.mark.parametrize(("kind", "plant"), TREES)
def test_an_empty_folder_has_no_clips(tmp_path, kind, plant):
    if kind is not FolderDataset:
        assert list(kind(tmp_path).clips()) == []


@pytest.mark.sample
def test_the_sample_gives_the_same_records(sample_root):
    assert len(check_records(SampleDataset(sample_root))) == 405
    assert list(SampleDataset(sample_root).problems()) == []


@pytest.mark.parametrize(
    ("label", "words"), [(1, ("FAKE", "fake", " Fake ", "1", 1)), (0, (0, "real"))]
)
def test_labels(label, words):
    assert {label_of(word) for word in words} == {label}


@pytest.mark.parametrize("word", [None, True, "", 2, 0.5, [1], {"fake": 1}, "deepfake"])
def test_no_label(word):
    assert label_of(word) is None


def test_splits():
    words = ("TRAIN", "valid", "Validation", "val", "Test-Challenge", "test", "", "all")
    assert [official_split(word) for word in words] == [
        *("train", "val", "val", "val", "test", "test", "", ""),
    ]
