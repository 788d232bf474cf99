import json

import pytest
from tests.trees import pack

from facsimile.data.dfdc_lists import Refused, Row, read_list
from facsimile.data.lists import ListError


@pytest.fixture
def read(tmp_path):
    """What a list of that name says."""

    def write_and_read(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return dict(read_list(tmp_path, name))

    return write_and_read


def test_metadata_of_a_part(read):
    entries = {
        "a.mp4": {"label": "REAL", "split": "train", "original": None},
        "b.mp4": {"label": "FAKE", "split": "train", "original": "a.mp4"},
        "c.mp4": {"label": "FAKE", "split": "validation", "original": "x/y.mp4"},
        "d.mp4": {"label": "REAL", "original": "d.mp4"},
    }
    assert read("p/metadata.json", entries) == {
        "a.mp4": Row(0, "a"),
        "b.mp4": Row(1, "b", "a"),
        "c.mp4": Row(1, "c", "y", "val"),
        "d.mp4": Row(0, "d"),  # its own original is none
    }


def test_the_previews_list(read):
    entry = {"label": "fake", "set": "train", "target_id": 1, "swapped_id": 2}
    assert read("dataset.json", {"method_A/1/x.mp4": entry}) == {
        "method_A/1/x.mp4": Row(1, "method_A/1/x", "", "train", ("1", "2"))
    }


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("labels.csv", "test"),
        ("Validation/videos/labels.csv", "val"),
        ("train/test/LABELS.csv", "test"),
        ("elsewhere/labels.csv", "test"),
    ],
)
def test_labels_and_the_split_of_the_nearest_folder(read, name, split):
    rows = read(name, "filename,label\nx/a.mp4,0\nb.mp4,1\n")
    assert rows == {"x/a.mp4": Row(0, "a", "", split), "b.mp4": Row(1, "b", "", split)}


def test_a_list_in_an_archive_that_is_named_for_a_split(tmp_path):
    (tmp_path / "labels.csv").write_text("filename,label\na.mp4,1\n")
    pack(tmp_path, "validation.zip")
    assert dict(read_list(tmp_path, "validation.zip/labels.csv")) == {
        "a.mp4": Row(1, "a", "", "val")
    }


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ([], "its entry in metadata.json is no object"),
        ({"label": 2}, "its label in metadata.json is neither REAL nor FAKE"),
        ({"label": "FAKE", "original": ["a.mp4"]}, "its original in metadata.json is no name"),
    ],
)
def test_entries_that_give_no_label(read, entry, reason):
    assert read("metadata.json", {"a.mp4": entry}) == {"a.mp4": Refused(reason)}


def test_entries_that_repeat_and_lines_without_a_label(read):
    text = '{"a.mp4": {"label": "REAL"}, "a.mp4": {"label": "FAKE"}}'
    assert read("metadata.json", text) == {"a.mp4": Refused("metadata.json lists it twice")}
    assert read("labels.csv", "filename,label\n\na.mp4,x\n") == {
        "a.mp4": Refused("line 3 of labels.csv has no label 0 or 1")
    }


def test_lists_that_cannot_be_read(read):
    with pytest.raises(ListError, match="no object with an entry a video"):
        read("metadata.json", [])
    with pytest.raises(ListError, match="filename"):
        read("labels.csv", "name\n")
