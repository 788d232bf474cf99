import dataclasses
import shutil
import zipfile
from collections import Counter

import pytest
from tests import trees
from tests.cuts import Blank

from facsimile.data.dfdc import DfdcDataset
from facsimile.data.faceforensics import FaceForensicsDataset
from facsimile.data.folder import FolderDataset
from facsimile.data.listing import label_of, official_split
from facsimile.data.openforensics import OpenForensicsDataset
from facsimile.data.openforensics_crops import OpenForensicsCropsDataset
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.data.sample import SampleDataset
from facsimile.media.members import locate, read_media

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


def told(dataset):
    """All that the records say but for where the files lie, and what is wrong."""
    clips = [dataclasses.replace(clip, path=dataset.root) for clip in dataset.clips()]
    reasons = Counter(problem.reason for problem in dataset.problems())
    return clips, reasons


@pytest.mark.parametrize("archive", ["all.zip", "all.tar", "sub/all.zip"])
@pytest.mark.parametrize(("kind", "plant"), TREES[:-1])
def test_a_packed_tree_gives_the_same_records_in_the_same_order(tmp_path, kind, plant, archive):
    plain = told(kind(plant(tmp_path, Blank())))
    trees.pack(tmp_path, archive, method=zipfile.ZIP_DEFLATED)
    assert all(is_member(clip.path) for clip in check_records(kind(tmp_path)))
    assert told(kind(tmp_path)) == plain


def is_member(path):
    member = locate(path)
    return member is not None and read_media(path)


@pytest.mark.parametrize(("kind", "plant"), TREES[:-1])
def test_what_is_both_packed_and_unpacked_is_taken_once(tmp_path, kind, plant):
    root, copy = tmp_path / "root", tmp_path / "copy"
    entries = list(kind(plant(root, Blank())).entries())
    shutil.copytree(root, copy)
    trees.pack(copy, "all.zip").rename(root / "all.zip")
    assert list(kind(root).entries()) == entries


@pytest.mark.parametrize(("kind", "plant"), TREES[:-1])
def test_a_tree_of_which_each_folder_is_packed(tmp_path, kind, plant):
    """A zip in place of each folder at the top, which holds the folder, as many sites do it."""
    plain = told(kind(plant(tmp_path, Blank())))
    for folder in [path.name for path in tmp_path.iterdir() if path.is_dir()]:
        trees.pack(tmp_path, f"{folder}.zip", folder)
    assert told(kind(tmp_path)) == plain


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
