"""Whole extractions through the command line: data sets in their layouts, executors, damage."""

import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from tests import trees

from facsimile.data.folder import FolderDataset
from facsimile.data.records import Clip
from facsimile.pipelines.cli import main

pytestmark = pytest.mark.sample
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [
    sys.executable,
    "-c",
    "import sys; from facsimile.pipelines.cli import main; sys.exit(main(sys.argv[1:]))",
]


@pytest.fixture(scope="module")
def cut(sample_root, tmp_path_factory):
    return trees.Cut(sample_root, tmp_path_factory.mktemp("cut"))


@pytest.fixture(scope="module")
def dfdc(cut, tmp_path_factory):
    return trees.dfdc_full(tmp_path_factory.mktemp("dfdc") / "root", cut)


def arguments(name, root, output, models, *more):
    places = [f"paths.models={models}", f"paths.root={output.parent}"]
    return ["extract", f"data={name}", f"data.root={root}", f"output={output}", *places, *more]


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_dfdc_as_it_is_downloaded(dfdc, models_root, tmp_path):
    assert main(arguments("dfdc", dfdc, tmp_path / "out", models_root)) == 0
    faces = pd.read_parquet(tmp_path / "out/faces.parquet")
    rejected = pd.read_parquet(tmp_path / "out/rejected.parquet")
    assert set(faces["label"]) == {0, 1} and set(faces["subject"]) == {""}
    assert all(path.startswith("shards/") for path in faces["path"])
    by_origin = faces.groupby("origin")["label"].nunique()
    assert (by_origin == 2).any()  # a fake beside its original
    fake = faces[faces["label"] == 1]["clip"].iloc[0]
    origin = faces[faces["clip"] == fake]["origin"].iloc[0]
    boxes = [
        faces[faces["clip"] == clip][["frame", "bbox_x", "bbox_y"]].to_numpy().tolist()
        for clip in (fake, origin)
    ]
    assert boxes[0] == boxes[1][: len(boxes[0])]
    assert rejected["reason"].str.contains("cut off|not there|damaged").any()


@pytest.mark.parametrize(
    ("name", "tree"),
    [
        ("openforensics", trees.openforensics),
        ("openforensics_crops", trees.openforensics_crops),
        ("faceforensics", trees.faceforensics),
        ("folder", trees.folder),
    ],
)
def test_every_layout_gives_labelled_faces(name, tree, cut, models_root, tmp_path):
    root = tree(tmp_path / "root", cut)
    assert main(arguments(name, root, tmp_path / "out", models_root)) == 0
    faces = pd.read_parquet(tmp_path / "out/faces.parquet")
    assert len(faces) and set(faces["dataset"]) == {name}
    assert set(faces["label"]) == ({0} if name == "folder" else {0, 1})
    assert not faces[["clip", "frame", "face"]].duplicated().any()


@pytest.mark.long
def test_ray_gives_the_same_bytes_and_a_killed_worker_costs_nothing(dfdc, models_root, tmp_path):
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    assert main(arguments("dfdc", dfdc, tmp_path / "local", models_root)) == 0
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        cluster.add_node(num_cpus=1)
        ray = ["executor=ray", f"executor.address='{cluster.address}'"]
        command = arguments("dfdc", dfdc, tmp_path / "ray", models_root, *ray)
        process = subprocess.Popen([*COMMAND, *command])
        _kill_a_worker(process, cluster.address)
        assert process.wait(300) == 0
    finally:
        cluster.shutdown()
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


def _kill_a_worker(process, address):
    """Of those that do a job of this cluster; other tests may have one of their own."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and process.poll() is None:
        busy = subprocess.run(["pgrep", "-f", "ray::total"], capture_output=True, text=True)
        for worker in map(int, busy.stdout.split()):
            if address in _command_of_its_parent(worker):
                os.kill(worker, signal.SIGKILL)
                return
        time.sleep(0.01)
    raise AssertionError("no worker was seen")


def _command_of_its_parent(process):
    try:
        status = Path(f"/proc/{process}/status").read_text()
        parent = status.partition("PPid:")[2].split()[0]
        return Path(f"/proc/{parent}/cmdline").read_text()
    except FileNotFoundError:  # it ended meanwhile
        return ""


@pytest.mark.long
def test_damaged_files_stop_nothing_and_none_is_lost(sample_root, models_root, tmp_path):
    damaged = runpy.run_path(str(ROOT / "tests/damage.py"))["damaged"]
    clips = sorted((sample_root / "clips").glob("*.mp4"))
    damaged(tmp_path / "files", clips, 500, 3)
    options = [f"input={tmp_path}/files", f"output={tmp_path}/out", f"paths.models={models_root}"]
    done = subprocess.run(
        [*COMMAND, "extract", *options, "params.extract.time_limit=20"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    clips_with_faces = set(pd.read_parquet(tmp_path / "out/faces.parquet")["clip"])
    aside = {
        path.partition("#")[0] for path in pd.read_parquet(tmp_path / "out/rejected.parquet").path
    }
    listed = 0
    for entry in FolderDataset(tmp_path / "files").entries():
        if isinstance(entry, Clip):
            name = entry.path.relative_to(tmp_path / "files").as_posix()
            assert entry.clip in clips_with_faces or name in aside, name
        else:
            assert entry.path in aside
        listed += 1
    assert listed >= 500
    print(done.stdout)
