"""Files that end the process that reads them: they alone are set aside."""

import os
import signal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from facsimile.data.batching import Batch
from facsimile.data.jobs import Job, Settings, blame, extract_batch
from facsimile.data.records import Clip
from facsimile.executors.local import LocalExecutor
from facsimile.faces.detect import Face
from facsimile.media.image import write_image
from facsimile.media.video import VideoWriter

POINTS = np.array([[30, 25], [52, 25], [41, 38], [32, 48], [50, 48]], np.float32)
DEADLY = 200  # the shade of a picture that the detector does not survive


class Mortal:
    """Finds a face in every picture, but dies of some."""

    def __call__(self, image):
        if image.mean() >= DEADLY:
            os.kill(os.getpid(), signal.SIGSEGV)
        return [Face((20.0, 10.0, 40.0, 50.0), POINTS, 0.75)]


def picture(shade):
    return np.full((72, 96, 3), shade, np.uint8)


def stills(folder, shades, clips):
    """Stills of so many clips, by turns."""
    parts = []
    for number, shade in enumerate(shades):
        write_image(folder / f"{number}.png", picture(shade))
        clip = f"s{number % clips}"
        parts.append(Clip(folder / f"{number}.png", "set", clip, "", "image", number))
    groups = (tuple(part for part in parts if part.clip == f"s{k}") for k in range(clips))
    return Batch("stills", tuple(groups))


def videos(folder, shades):
    """An original, a fake at its places and another video; the last frames are of these shades."""
    groups = []
    for name, shade in shades.items():
        with VideoWriter(folder / f"{name}.mkv", 96, 72, Fraction(25), codec="ffv1") as writer:
            for k in range(6):
                writer.write(picture(shade if k == 5 else 90))
        boxes_of = "real" if name == "fake" else ""
        clip = Clip(folder / f"{name}.mkv", "set", name, "", "video", boxes_of=boxes_of)
        groups.append((clip,))
    return Batch("real", tuple(groups))


def job(batch, folder, name="job"):
    return Job(batch, folder, folder / name, Settings(name, Mortal, 32, 1.6), threads=2)


def extracted(mine, workers=1):
    """The clips and frames with faces, and what was set aside."""
    sum(LocalExecutor(workers).run(extract_batch, [mine], blame))
    faces, rejected = pd.read_parquet(mine.faces), pd.read_parquet(mine.rejected)
    found = list(zip(faces["clip"], faces["frame"], faces["track"], strict=True))
    return found, dict(zip(rejected["path"], rejected["reason"], strict=True))


@pytest.mark.parametrize(
    ("clips", "workers"),
    [
        pytest.param(1, 1, marks=pytest.mark.long),
        (3, 2),
        pytest.param(20, 1, marks=pytest.mark.long),
    ],
)
def test_deadly_stills_alone_are_set_aside(tmp_path, clips, workers):
    shades = [DEADLY if number in (7, 12) else 90 for number in range(20)]
    found, aside = extracted(job(stills(tmp_path, shades, clips), tmp_path), workers)
    assert {frame for _, frame, _ in found} == {*range(20)} - {7, 12}
    assert aside == {f"{k}.png": "reading it ended the process" for k in (7, 12)}


def test_the_others_come_out_as_they_would_without_it(tmp_path):
    shades = [90] * 9
    whole, nothing = extracted(job(stills(tmp_path, shades, 1), tmp_path, "whole"))
    assert nothing == {}
    shades[4] = DEADLY
    found, _ = extracted(job(stills(tmp_path, shades, 1), tmp_path))
    assert [one[:2] for one in found] == [one[:2] for one in whole if one[1] != 4]
    assert [track for *_, track in found] == list(range(8))


@pytest.mark.parametrize("deadly", ["real", "other"])
def test_a_deadly_video_alone_is_set_aside(tmp_path, deadly):
    shades = {"real": 90, "fake": 90, "other": 90}
    found, aside = extracted(job(videos(tmp_path, shades | {deadly: DEADLY}), tmp_path))
    assert aside == {f"{deadly}.mkv": "reading it ended the process"}
    assert {clip for clip, *_ in found} == {*shades} - {deadly}
    assert len(found) == 12


def test_a_run_that_was_killed_blames_nothing(tmp_path):
    mine = job(stills(tmp_path, [90] * 4, 2), tmp_path)
    next(extract_batch(mine))  # and never goes on
    found, aside = extracted(mine)
    assert len(found) == 4 and aside == {}


@pytest.mark.long
def test_local_and_ray_leave_the_same_bytes(tmp_path):
    pytest.importorskip("ray")
    from facsimile.executors.ray import RayExecutor

    shades = [DEADLY if number in (1, 4) else 90 for number in range(6)]
    (tmp_path / "stills").mkdir()
    batches = [
        stills(tmp_path / "stills", shades, 2),
        videos(tmp_path, {"real": DEADLY, "fake": 90, "other": 90}),
    ]
    folders = []
    for name, executor in (
        ("local", LocalExecutor(2)),
        ("ray", RayExecutor(threads=1, retries=0)),
    ):
        jobs = [job(batch, tmp_path, name) for batch in batches]
        assert sum(executor.run(extract_batch, jobs, blame))
        folders.append(contents(tmp_path / name))
    assert len(folders[0]) > 16 and folders[0] == folders[1]


def contents(folder):
    """All that is kept of the jobs below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".png", ".parquet")
    }
