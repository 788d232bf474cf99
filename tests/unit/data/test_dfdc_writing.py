import csv
import json
import re
from dataclasses import replace

import pytest

from facsimile.data.dfdc import DfdcDataset
from facsimile.data.dfdc_writing import PartVideo, video_name, write_part

REAL = PartVideo("bbbbbbbbbb.mp4", "franck", "", "", "franck", 0, 250, 0.0)
FAKE = replace(REAL, name="aaaaaaaaaa.mp4", source="cap", original=REAL.name, swapped=0.99)


def test_the_metadata_are_those_of_dfdc(tmp_path):
    write_part(tmp_path, [REAL, FAKE])
    text = (tmp_path / "metadata.json").read_text()
    assert json.loads(text) == {
        "aaaaaaaaaa.mp4": {"label": "FAKE", "split": "train", "original": "bbbbbbbbbb.mp4"},
        "bbbbbbbbbb.mp4": {"label": "REAL", "split": "train", "original": None},
    }
    assert "franck" not in text
    with (tmp_path / "people.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["filename"], r["target"], r["source"]) for r in rows] == [
        ("aaaaaaaaaa.mp4", "franck", "cap"),
        ("bbbbbbbbbb.mp4", "franck", ""),
    ]


def test_the_loader_of_dfdc_reads_it(tmp_path):
    for one in (REAL, FAKE):
        (tmp_path / "part").mkdir(exist_ok=True)
        (tmp_path / "part" / one.name).write_bytes(b"")
    write_part(tmp_path / "part", [REAL, FAKE])
    clips = {clip.clip: clip for clip in DfdcDataset(tmp_path).clips()}
    assert {name: clip.label for name, clip in clips.items()} == {"a" * 10: 1, "b" * 10: 0}
    assert clips["a" * 10].origin == clips["a" * 10].boxes_of == "b" * 10


@pytest.mark.parametrize("facts", [("franck", 0), ("franck", 1), ("cap", 0), ("franck", 0, "cap")])
def test_names_are_ten_letters_and_tell_nothing(facts):
    name = video_name(*facts)
    assert re.fullmatch(r"[a-z]{10}\.mp4", name)
    assert name == video_name(*facts)
    others = {("franck", 0), ("franck", 1), ("cap", 0), ("franck", 0, "cap")} - {facts}
    assert name not in {video_name(*other) for other in others}
