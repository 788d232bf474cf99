import tarfile
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from facsimile.data.batching import Batch
from facsimile.data.jobs import Job, Settings, extract_batch
from facsimile.data.records import FACES, REJECTED, Clip
from facsimile.data.tables import read_parquet
from facsimile.faces.detect import Face
from facsimile.media.image import write_image
from facsimile.media.video import VideoWriter

POINTS = np.array([[30, 25], [52, 25], [41, 38], [32, 48], [50, 48]], np.float32)
CALLS = []


class Always:
    """Finds a face in every picture."""

    def __call__(self, image):
        CALLS.append(image.shape)
        return [Face((20.0, 10.0, 40.0, 50.0), POINTS, 0.75)]


def write_video(path, shade, frames=9):
    with VideoWriter(path, 96, 72, Fraction(25), codec="ffv1") as writer:
        for k in range(frames):
            writer.write(np.full((72, 96, 3), shade + k, np.uint8))


@pytest.fixture
def batch(tmp_path):
    """An original, and a fake made from it."""
    for name, shade in (("real", 50), ("fake", 90)):
        write_video(tmp_path / f"{name}.mkv", shade)
    clip = {"dataset": "set", "subject": "", "kind": "video", "origin": "real"}
    real = Clip(tmp_path / "real.mkv", clip="real", **clip)
    fake = Clip(tmp_path / "fake.mkv", clip="fake", label=1, boxes_of="real", **clip)
    return Batch("real", ((real,), (fake,)))


def job(batch, tmp_path, name="job", **options):
    settings = Settings(name, Always, 32, 1.6, **options)
    return Job(batch, tmp_path, tmp_path / name, settings, threads=2, key="key")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_job_leaves_tables_and_pictures(batch, tmp_path):
    mine = job(batch, tmp_path)
    assert sum(extract_batch(mine)) == 18
    faces = read_parquet(mine.faces, FACES.names, "extract")
    assert list(faces.path) == [
        f"images/{c}/{k:06d}.png" for c in ("real", "fake") for k in range(9)
    ]
    assert list(faces.label) == [0] * 9 + [1] * 9 and set(faces.track) == {0}
    assert all((mine.folder / path).is_file() for path in faces.path)
    assert read_parquet(mine.rejected, REJECTED.names, "extract").empty


def test_boxes_of_an_original_are_reused_for_its_fakes(batch, tmp_path):
    CALLS.clear()
    sum(extract_batch(job(batch, tmp_path)))
    assert len(CALLS) == 9


def test_a_job_is_the_same_however_it_is_done(batch, tmp_path):
    one, other = (job(batch, tmp_path, name) for name in ("one", "other"))
    for mine in (one, other):
        sum(extract_batch(mine))
    assert contents(one.folder) == contents(other.folder)


def test_a_job_broken_off_begins_anew_and_a_finished_one_is_left_alone(batch, tmp_path):
    mine = job(batch, tmp_path)
    (mine.folder / "images/real").mkdir(parents=True)
    (mine.folder / "images/real/000777.png").write_bytes(b"left over")
    sum(extract_batch(mine))
    assert not (mine.folder / "images/real/000777.png").exists()
    assert list(extract_batch(mine)) == []


def test_pictures_in_a_shard(batch, tmp_path):
    mine = job(batch, tmp_path, shards=True)
    sum(extract_batch(mine))
    assert pd.read_parquet(mine.faces).path[0] == "shards/real.tar/real/000000.png"
    with tarfile.open(mine.folder / "shards/real.tar") as tar:
        assert len(tar.getnames()) == 18


def test_stills_are_tracks_of_their_own(tmp_path):
    for k in range(3):
        write_image(tmp_path / f"{k}.png", np.full((72, 96, 3), 90, np.uint8))
    stills = tuple(Clip(tmp_path / f"{k}.png", "set", "s1", "s1", "image", k) for k in range(3))
    mine = job(Batch("stills", (stills,)), tmp_path)
    assert sum(extract_batch(mine)) == 3
    assert list(pd.read_parquet(mine.faces).track) == [0, 1, 2]
