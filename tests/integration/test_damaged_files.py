"""Damaged files of every kind: no crash, no hang, no flood of memory, and none without a word."""

import hashlib
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[1] / "damage.py"
SEED, COUNT = 1, 500  # ten seconds
TIME_LIMIT = 10.0  # seconds a file
PEAK_MB = 600


@pytest.fixture(scope="session")
def damaged():
    return runpy.run_path(str(PROGRAM))["damaged"]


@pytest.fixture(scope="session")
def clips(sample_root):
    return sorted((sample_root / "clips").glob("*.mp4"))


def read_all(paths, listed):
    """The outcome of each path, read in a process of its own: a crash there is no crash here."""
    listed.write_text("\n".join(map(str, paths)))
    command = [sys.executable, str(PROGRAM), str(listed), str(TIME_LIMIT)]
    environment = os.environ | {"PYTHONPATH": str(PROGRAM.parents[1] / "src")}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60 + len(paths) * 3
    )
    assert done.returncode == 0, (done.stdout.splitlines()[-1:], done.stderr[-2000:])
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {Path(path): json.loads(outcome) for path, outcome in lines}


def summary(outcomes):
    whole = sum(not one["reason"] for one in outcomes.values())
    partly = sum(bool(one["reason"] and one["good"]) for one in outcomes.values())
    return f"{whole} readable, {partly} partly, {len(outcomes) - whole - partly} rejected"


@pytest.mark.sample
def test_every_damaged_file_is_accounted_for(damaged, clips, tmp_path):
    paths = damaged(tmp_path / "files", clips, COUNT, SEED)
    outcomes = read_all(paths, tmp_path / "list.txt")
    assert list(outcomes) == paths
    for path, one in outcomes.items():
        assert one["frames"] or one["reason"], path
        assert one["seconds"] < 2 * TIME_LIMIT, path
        assert one["peak_mb"] < PEAK_MB, path
        if one["reason"]:
            assert "PATH" in one["reason"], one  # it names the file
    print(summary(outcomes))
    assert sum(bool(one["reason"]) for one in outcomes.values()) > COUNT / 3


@pytest.mark.sample
def test_the_same_seed_damages_alike(damaged, clips, tmp_path):
    hashes = []
    for name, seed in [("a", 1), ("b", 1), ("c", 2)]:
        damaged(tmp_path / name, clips, 30, seed)
        files = sorted((tmp_path / name).iterdir())
        content = b"".join(file.name.encode() + file.read_bytes() for file in files)
        hashes.append(hashlib.sha256(content).hexdigest())
    assert hashes[0] == hashes[1] != hashes[2]
