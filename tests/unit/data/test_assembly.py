import shutil
from dataclasses import replace

import pandas as pd
import pytest

from facsimile.data.assembly import MADE, assemble, read_batches, take_over
from facsimile.data.batching import Batch
from facsimile.data.jobs import Job, Settings
from facsimile.data.problems import Problem
from facsimile.data.records import FACES, REJECTED, Clip
from facsimile.data.store import loose, shard
from facsimile.data.tables import TableWriter

EMPTY = {
    name: "" if str(FACES.field(name).type) == "string" else 0
    for name in FACES.names
    if "landmarks" not in name
}


def done(work, name, faces, rejected=0, shards=False):
    """A job that is done."""
    clip = Clip(work / f"{name}.mp4", "set", name, name, "video")
    settings = Settings("key", list, 32, 1.6, shards=shards)
    job = Job(Batch(name, ((clip,),)), work, work, settings, key=f"key of {name}")
    with (
        TableWriter(job.faces, FACES) as rows,
        TableWriter(job.rejected, REJECTED) as aside,
        shard(job.folder, name) if shards else loose(job.folder) as keep,
    ):
        for k in range(faces):
            path = keep(f"{name}/{k:06d}.png", f"{name}{k}".encode())
            points = {"landmarks": [float(k)] * 10, "crop_landmarks": [0.0] * 10}
            rows.add([EMPTY | points | {"path": path, "clip": name, "frame": k}])
        aside.add([{"path": f"{name}#{k}", "reason": "no face found"} for k in range(rejected)])
    return job


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(params=[False, True], ids=["loose", "shards"])
def jobs(request, tmp_path):
    sizes = (("a", 3, 1), ("b", 0, 2), ("c", 5, 0))
    return [done(tmp_path / "work", *size, shards=request.param) for size in sizes]


def test_tables_and_pictures_come_together_in_order(jobs, tmp_path):
    out = tmp_path / "out"
    problem = Problem("list.json", "it names a file that is not there")
    assert assemble(jobs, [problem], out) == (8, 4)
    faces = pd.read_parquet(out / "faces.parquet")
    assert list(faces["clip"]) == ["a"] * 3 + ["c"] * 5
    assert list(faces["frame"]) == [
        0,
        1,
        2,
        *range(5),
    ]
    assert list(pd.read_parquet(out / "rejected.parquet")["path"]) == [
        "a#0", "b#0", "b#1", "list.json",
    ]  # fmt: skip
    MADE.check(out)
    pictures = {path for path in contents(out) if not path.endswith(".parquet")}
    assert pictures == {
        path.partition(".tar/")[0] + ".tar" * (".tar/" in path) for path in faces["path"]
    }


def test_an_earlier_output_is_taken_over(jobs, tmp_path):
    assemble(jobs, [Problem("x", "y")], tmp_path / "out")
    before = contents(tmp_path / "out")
    shutil.rmtree(tmp_path / "work")
    assert take_over(tmp_path / "out", jobs) == 3
    assemble(jobs, [Problem("x", "y")], tmp_path / "again")
    assert contents(tmp_path / "again") == before


def test_only_what_is_the_same_is_taken_over(jobs, tmp_path):
    assemble(jobs, [], tmp_path / "out")
    shutil.rmtree(tmp_path / "work")
    changed = [jobs[0], replace(jobs[1], key="another key"), jobs[2]]
    assert take_over(tmp_path / "out", changed) == 2
    assert [job.faces.exists() for job in changed] == [True, False, True]


def test_a_batch_that_lost_a_picture_is_done_again(jobs, tmp_path):
    assemble(jobs, [], tmp_path / "out")
    shutil.rmtree(tmp_path / "work")
    pictures = [p for p in (tmp_path / "out").rglob("*") if p.suffix in (".png", ".tar")]
    min(pictures).unlink()
    assert take_over(tmp_path / "out", jobs) == 2
    assert [job.faces.exists() for job in jobs] == [False, True, True]


def test_nothing_is_taken_over_into_another_table_of_faces(jobs, tmp_path):
    assemble(jobs, [], tmp_path / "out")
    assemble(jobs[:1], [], tmp_path / "older")
    shutil.rmtree(tmp_path / "work")
    shutil.copy(tmp_path / "older/faces.parquet", tmp_path / "out/faces.parquet")
    assert read_batches(tmp_path / "out") is None and take_over(tmp_path / "out", jobs) == 0


def test_nothing_is_taken_from_what_is_no_output(jobs, tmp_path):
    assert take_over(tmp_path / "nowhere", jobs) == 0
