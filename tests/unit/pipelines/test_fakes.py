import csv
import json
import re
import subprocess

import imageio_ffmpeg
import numpy as np
import pandas as pd
import pytest

from facsimile.media.video import read_frames
from facsimile.pipelines import fakes
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read

pytestmark = pytest.mark.sample


@pytest.fixture
def command(world, checkpoint, models_root):
    places = [f"paths.root={world}", f"paths.models={models_root}"]
    return ["fakes", "pair=[franck,cap]", f"checkpoint={checkpoint}", *places, "fakes.seconds=0.2"]


@pytest.fixture
def part(command, world):
    assert main(command) == 0
    return world / "data/raw/fakes/franck_cap"


def people(part):
    with (part / "people.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def stream(path):
    """What FFmpeg says of a stream, without its bit rate, and how many frames it decodes."""
    tool = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(path)]
    done = subprocess.run([*tool, "-map", "0:v", "-f", "null", "-"], capture_output=True, text=True)
    line = next(line for line in done.stderr.splitlines() if "Video:" in line)
    frames = re.findall(r"frame=\s*(\d+)", done.stderr)[-1]
    return re.sub(r", \d+ kb/s", "", line.partition("Video:")[2]).strip(), int(frames)


def test_the_part_is_laid_out_as_dfdc(part):
    metadata = json.loads((part / "metadata.json").read_text())
    assert set(metadata) == {path.name for path in part.glob("*.mp4")}
    assert all(re.fullmatch(r"[a-z]{10}\.mp4", name) for name in metadata)
    for entry in metadata.values():
        assert set(entry) == {"label", "split", "original"} and entry["split"] == "train"
        if entry["label"] == "FAKE":
            assert metadata[entry["original"]]["label"] == "REAL"
        else:
            assert entry["original"] is None
    labels = [entry["label"] for entry in metadata.values()]
    assert labels.count("REAL") == labels.count("FAKE") > 2
    assert len(pd.read_parquet(part / "rejected.parquet")) == 0


def test_real_and_fake_are_encoded_alike_and_differ_in_the_face_alone(part):
    metadata = json.loads((part / "metadata.json").read_text())
    for name, entry in metadata.items():
        if entry["label"] == "FAKE":
            described, frames = stream(part / name)
            assert (described, frames) == stream(part / entry["original"])
            assert described.startswith("h264") and frames >= 3
            one, other = (next(read_frames(part / x)).image for x in (name, entry["original"]))
            apart = np.abs(one.astype(int) - other).mean(2)
            assert apart.max() > 20 and np.median(apart[:20]) <= 1


def test_fakes_alone_are_signed(part):
    for row in people(part):
        found = read(part / row["filename"])
        assert found.status == ("valid" if row["source"] else "unsigned")
        if row["source"]:
            assert f"synthetic face of {row['source']}" in json.dumps(found.manifest)
            assert float(row["swapped"]) == 1.0


def test_cuts_follow_each_other_in_the_clip(part):
    real = [row for row in people(part) if not row["source"]]
    franck = sorted((int(r["start"]), int(r["stop"])) for r in real if r["target"] == "franck")
    assert franck[0][0] == 0 and franck[-1][1] == 14
    assert {r["clip"] for r in real} == {"franck", "cap13_edit2"}


@pytest.mark.parametrize("data", ["dfdc", "fakes"])
def test_the_loaders_read_it_back(part, world, models_root, data):
    places = [f"paths.root={world}", f"paths.models={models_root}"]
    given = [f"data={data}", f"data.root={part.parent}", "data.frames=2"]
    nobody = ["data.held_out=[]"] if data == "fakes" else []
    assert main(["extract", *given, *nobody, *places]) == 0
    faces = pd.read_parquet(world / f"data/faces/{data}/faces.parquet")
    rows = {row["filename"].removesuffix(".mp4"): row for row in people(part)}
    assert set(faces["clip"]) == set(rows)
    for face in faces.itertuples():
        row = rows[face.clip]
        assert face.label == bool(row["source"])
        named = f"{row['source']}_on_{row['target']}" if row["source"] else row["target"]
        assert face.subject == (named if data == "fakes" else "")
    groups = faces.assign(origin=faces.origin.where(faces.origin != "", faces["clip"]))
    assert groups.groupby("origin").label.agg(set).map({0, 1}.__eq__).all()


def test_to_hold_out_one_of_a_pair_leaves_no_fake_and_is_refused(part, world, models_root, capsys):
    places = [f"paths.root={world}", f"paths.models={models_root}", "data.frames=1"]
    root = f"data.root={part.parent}"
    assert main(["extract", "data=fakes", root, "data.held_out=[cap]", *places]) == 2
    assert "no fake shows two of them" in capsys.readouterr().err


def test_the_same_pair_gives_the_same_pictures(part, command, world):
    first = {
        path.name: [f.image.tobytes() for f in read_frames(path)] for path in part.glob("*.mp4")
    }
    assert main(command) == 0
    for name, frames in first.items():
        assert [f.image.tobytes() for f in read_frames(part / name)] == frames


def test_a_killed_run_goes_on_with_the_video_it_was_at(command, world, monkeypatch):
    rendered, render = [], fakes._render

    def killed(cfg, model, segment, path, progress):
        if len(rendered) == 2:
            raise KeyboardInterrupt
        rendered.append(path.name)
        return render(cfg, model, segment, path, progress)

    part = world / "data/raw/fakes/franck_cap"
    with monkeypatch.context() as patch:
        patch.setattr(fakes, "_render", killed)
        assert main(command) == 130
    assert not part.exists()
    [work] = (world / "work").glob("fakes-*")
    finished = {path.name: path.read_bytes() for path in work.glob("[!.]*.mp4")}
    assert set(rendered) <= set(finished)

    def went_on(cfg, model, segment, path, progress):
        rendered.append(path.name)
        return render(cfg, model, segment, path, progress)

    monkeypatch.setattr(fakes, "_render", went_on)
    assert main(command) == 0
    assert len(rendered) == len(set(rendered)) == sum(bool(row["source"]) for row in people(part))
    assert all((part / name).read_bytes() == finished[name] for name in rendered[:2])
    assert not list((world / "work").iterdir())


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("pair=null", "give two people"),
        ("pair=[franck,franck]", "give two people"),
        ("pair=[franck,ann]", "is a swap of franck and cap"),
        ("render.label=fake", "would read it"),
        ("render.codec=vp9", "render.codec=vp9 must be"),
        ("fakes.seconds=0.0", "fakes.seconds=0.0: give a number"),
        ("checkpoint=missing.ckpt", "missing.ckpt"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(command, world, capsys, override, words):
    assert main([*command, override]) == 2
    assert words in capsys.readouterr().err
    assert not (world / "data/raw/fakes").exists()


def test_who_withdrew_is_not_shown(command, world, capsys):
    (world / "data/withdrawn.yaml").write_text("sample: {cap: []}\n")
    assert main(command) == 2
    assert "cap withdrew" in capsys.readouterr().err
    assert not (world / "data/raw/fakes").exists()


def test_a_clip_without_a_face_is_set_aside(command, world, capsys):
    import cv2

    from facsimile.media.video import VideoWriter, probe

    path = world / "data/raw/sample/clips/cap13_edit2.mp4"
    info, frames = probe(path), [frame.image for frame in read_frames(path)]
    with VideoWriter(path, info.width, info.height, info.frame_rate) as writer:
        for image in frames:
            writer.write(cv2.flip(image, 0) * 0)
    assert main(command) == 0
    part = world / "data/raw/fakes/franck_cap"
    rejected = pd.read_parquet(part / "rejected.parquet")
    assert rejected.reason.str.contains("franck on cap: .*no face").all() and len(rejected)
    fakes = [row["target"] for row in people(part) if row["source"]]
    assert set(fakes) == {"franck"}
