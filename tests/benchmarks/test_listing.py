"""What listing a data set of DFDC's size costs beside reading its lists and walking its folders."""

import json
import os
from time import perf_counter

import pytest

from facsimile.data.dfdc import DfdcDataset

PARTS, VIDEOS, ORIGINALS = 50, 119_154, 19_154


@pytest.fixture
def tree(tmp_path):
    """The full training set's lists, over empty files."""
    for part in range(PARTS):
        folder = tmp_path / f"dfdc_train_part_{part}"
        folder.mkdir()
        entries = {}
        for number in range(part, VIDEOS, PARTS):
            original = f"v{number % ORIGINALS // PARTS * PARTS + part:06d}.mp4"
            name = f"v{number:06d}.mp4"
            fake = {"label": "FAKE", "split": "train", "original": original}
            real = {"label": "REAL", "split": "train", "original": None}
            entries[name] = real if number < ORIGINALS else fake
            (folder / name).touch()
        (folder / "metadata.json").write_text(json.dumps(entries))
    return tmp_path


@pytest.mark.benchmark
def test_listing_the_full_dfdc_takes_seconds(tree):
    started = perf_counter()
    for folder, _, files in os.walk(tree):
        for name in files:
            if name == "metadata.json":
                json.loads((tree / folder / name).read_text())
    bare = perf_counter() - started
    started = perf_counter()
    clips = list(DfdcDataset(tree).clips())
    ours = perf_counter() - started
    print(f"\nlisted {len(clips)} in {ours:.1f} s, {ours / bare:.0f} times the bare reading")
    assert len(clips) == VIDEOS
    assert ours < 20  # 4 s where nothing else runs
