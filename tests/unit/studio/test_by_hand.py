import pytest
import yaml
from tests.made_studio import described

from facsimile.data.description import DataSetDescription
from facsimile.studio.files import DescriptionFiles, dumped


@pytest.fixture
def said(tmp_path):
    def say(**fields):
        return DataSetDescription(**described(tmp_path, **fields))

    return say


def changed(text, old, new):
    assert old in text
    return text.replace(old, new)


def test_settings_by_hand_outlive_a_change(said):
    text = dumped(said(crop=64, detector="other"))
    text = changed(text, "data:\n", "data:\n  hash: true\n  decisions: a.csv\n")
    text = changed(text, "  extract:\n", "  select: {min_size: 9.0}\n  extract:\n    every: 5\n")
    text = changed(text, "data:\n  hash", "- override /embedder: sface\ndata:\n  hash")
    read = yaml.safe_load(dumped(said(crop="face", details="new"), text))
    assert (read["data"]["hash"], read["data"]["decisions"]) == (True, "a.csv")
    assert read["params"]["select"] == {"min_size": 9.0}
    assert read["params"]["extract"] == {"every": 5}  # the side is gone with the crop
    assert read["data"]["details"] == "new"
    assert read["defaults"] == [
        "/data/folder@data",
        {"override /detector": "yunet"},
        {"override /embedder": "sface"},
    ]


def test_what_was_described_before_does_not_come_back(said):
    text = dumped(said(details="old", pattern="{label}/{name}", coverage=2.0, val_people=["a"]))
    assert dumped(said(), text) == dumped(said())


def test_saving_twice_changes_nothing(said):
    full = said(degradations=["darken", "lighten"], crop=64, coverage="whole", test_people=["x"])
    assert dumped(full, dumped(full)) == dumped(full)


def test_a_plain_file_by_hand_keeps_its_own_settings(said):
    plain = "# mine\ndefaults: [dfdc]\nname: mine\nroot: /srv/dfdc\nshards: false\nframes: 7\n"
    read = yaml.safe_load(dumped(said(kind="dfdc"), plain))
    assert read["data"]["shards"] is False
    assert "frames" not in read["data"]
    assert read["defaults"][0] == "/data/dfdc@data"


@pytest.mark.parametrize("broken", ["a: [", "- a", "text", "# @package _global_\ndata: 3\n"])
def test_what_cannot_be_read_is_replaced(said, broken):
    assert dumped(said(), broken) == dumped(said())


def test_it_is_read_from_the_file(said, tmp_path):
    files = DescriptionFiles(tmp_path / "local")
    files.write(said())
    path = files.path("mine")
    path.write_text(changed(path.read_text(), "data:\n", "data:\n  hash: true\n"))
    files.write(said(details="new"))
    assert yaml.safe_load(path.read_text())["data"]["hash"] is True
