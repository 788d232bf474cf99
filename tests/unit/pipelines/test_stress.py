import subprocess
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pandas as pd
import pytest
import yaml
from hydra import compose, initialize_config_dir

from facsimile.data.folder import FolderDataset
from facsimile.media.files import sha256
from facsimile.media.video import probe, read_frames
from facsimile.pipelines import stress
from facsimile.pipelines.cli import main
from facsimile.pipelines.held_out import frames_of, target_segment
from facsimile.pipelines.stress_clip import table_of
from facsimile.provenance.read import read

CONF = Path(__file__).resolve().parents[3] / "conf"
CONSENT = "consent=a test picture shows nobody"
PEOPLE = {"ann": "talk", "bob": "walk"}


def film(path, size="80x60", rate=24, seconds=1, tone=True):
    """A test picture of FFmpeg's, with a tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate={rate}"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=330", "-c:a", "aac"] if tone else []
    coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-t", str(seconds), "-threads", "1"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    subprocess.run([*command, *picture, *sound, *coded, str(path)], check=True)
    return path


def pixels(path):
    return np.stack([frame.image for frame in read_frames(path)])


def sound(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return film(tmp_path_factory.mktemp("clip") / "a clip.mp4")


@pytest.fixture
def data(tmp_path):
    """A data set of two people, a clip each, whose last frames are held out."""
    raw, rows, sources = tmp_path / "data/raw/sample", [], {}
    for who, name in PEOPLE.items():
        film(raw / f"clips/{name}.mp4", "80x60" if who == "ann" else "60x48")
        sources[who] = {"subject": who, "files": [{"path": f"clips/{name}.mp4"}]}
        rows += [(f"{who}{n}.png", who, name, n, "train" if n < 8 else "test") for n in range(24)]
    (raw / "sources.yaml").write_text(yaml.safe_dump(sources))
    table = pd.DataFrame(rows, columns=["path", "subject", "clip", "frame", "split"])
    (tmp_path / "data/splits/sample").mkdir(parents=True)
    table.to_parquet(tmp_path / "data/splits/sample/swap.parquet")
    return tmp_path


def held_out(data, name, *more):
    return main(["stress", f"stress={name}", f"paths.root={data}", *more])


def test_a_clip_keeps_size_rate_frames_and_sound_and_is_signed(clip, tmp_path):
    output = tmp_path / "new/out.mp4"
    given = ["stress", "stress=flicker", f"input={clip}", f"output={output}", CONSENT]
    assert main(given) == 0
    before, after = probe(clip), probe(output)
    assert (after.width, after.height, after.frame_rate) == (80, 60, 24)
    assert after.frames == before.frames == 24
    assert sound(output) == sound(clip)
    assert np.abs(pixels(output).astype(float) - pixels(clip)).mean() > 10
    rows = pd.read_parquet(table_of(output))
    assert rows["frame"].tolist() == rows["source_frame"].tolist() == list(range(24))
    signed = read(output)
    assert (signed.status, signed.signed_here) == ("valid", True)
    told = {one["label"]: one["data"] for one in signed.manifest["assertions"]}
    assert told["facsimile.synthesis"]["synthetic"] is False
    assert told["facsimile.synthesis"]["ingredients"] == [
        {"title": "a clip.mp4", "sha256": sha256(clip)}
    ]
    assert told["facsimile.synthesis"]["consent"] == "a test picture shows nobody"
    assert signed.manifest["ingredients"][0]["relationship"] == "parentOf"
    again = tmp_path / "again.mp4"
    assert main([*given[:3], f"output={again}", CONSENT]) == 0
    assert np.array_equal(pixels(again), pixels(output))


def test_cuts_of_one_clip_alone_change_its_framing(clip, tmp_path):
    output = tmp_path / "out.mp4"
    given = ["stress=fast_cuts", f"input={clip}", f"output={output}", CONSENT]
    assert main(["stress", *given, "stress.cuts.shot=[0.2,0.3]"]) == 0
    rows = pd.read_parquet(table_of(output))
    assert rows["source_frame"].tolist() == list(range(24))
    assert 3 <= rows["crop_w"].nunique() <= 6


def test_heavy_compression_takes_fewer_bits(clip, tmp_path):
    sizes = {}
    for name in ("clean", "heavy_compression"):
        output = tmp_path / f"{name}.mp4"
        assert main(["stress", f"stress={name}", f"input={clip}", f"output={output}", CONSENT]) == 0
        with av.open(str(output)) as container:
            sizes[name] = sum(packet.size for packet in container.demux(video=0))
    assert np.array_equal(pixels(tmp_path / "clean.mp4"), pixels(clip))
    assert sizes["heavy_compression"] < sizes["clean"] / 5


def test_held_out_clips_are_stressed_into_the_data_sets_folder(data):
    assert held_out(data, "hard_shadows") == 0
    folder = data / "data/stressed/sample/hard_shadows"
    assert sorted(path.name for path in folder.iterdir()) == ["clips", "frames", "stress.yaml"]
    told = yaml.safe_load((folder / "stress.yaml").read_text())
    assert told["condition"]["name"] == "hard_shadows"
    for who, name in PEOPLE.items():
        assert probe(folder / f"clips/{name}.mp4").frames == 16
        rows = pd.read_parquet(folder / f"frames/{name}.parquet")
        assert rows["source_frame"].tolist() == list(range(8, 24))
        assert set(rows["subject"]) == {who}
        assert told["clips"][name]["subject"] == who
    assert not list((data / "work").glob("stress-*"))


def test_clips_of_one_stem_are_kept_apart_and_found_again(tmp_path):
    """Of two cameras' folders, and in two formats."""
    root, rows = tmp_path / "films", []
    people = {"a/x.mp4": "ann", "b/x.mp4": "bob", "b/x.avi": "carl"}
    for name in people:
        film(root / name, tone=False)
    for clip in FolderDataset(root).clips():
        who = people[clip.path.relative_to(root).as_posix()]
        rows += [(f"{who}{n}.png", who, clip.clip, n, "test") for n in range(20, 24)]
    table = pd.DataFrame(rows, columns=["path", "subject", "clip", "frame", "split"])
    (tmp_path / "data/splits/folder").mkdir(parents=True)
    table.to_parquet(tmp_path / "data/splits/folder/swap.parquet")
    given = ["data=folder", f"data.root={root}", CONSENT]
    assert held_out(tmp_path, "hard_shadows", *given) == 0
    folder = tmp_path / "data/stressed/folder/hard_shadows"
    with initialize_config_dir(str(CONF), version_base="1.3"):
        places = [f"paths.root={tmp_path}", f"render.stressed={folder}", *given[:2]]
        cfg = compose("config", places)
    found = {who: target_segment(cfg, who) for who in people.values()}
    assert len({one.path for one in found.values()}) == len(list((folder / "clips").iterdir())) == 3
    for who, segment in found.items():
        assert frames_of(cfg, segment, who) == set(range(4))


def test_an_edit_tells_whose_face_each_frame_shows(data):
    assert held_out(data, "fast_cuts", "stress.cuts.shot=[0.1,0.2]") == 0
    folder = data / "data/stressed/sample/fast_cuts"
    rows = pd.read_parquet(folder / "frames/talk.parquet")
    assert set(rows["subject"]) == {"ann", "bob"}
    assert (rows["subject"].map(PEOPLE) == rows["source_clip"]).all()
    assert probe(folder / "clips/talk.mp4").width == 80
    manifest = read(folder / "clips/talk.mp4").manifest
    assert {one["title"] for one in manifest["ingredients"]} == {"talk.mp4", "walk.mp4"}


def test_a_killed_run_goes_on_with_the_next_clip(data, monkeypatch):
    made, write = [], stress.write_clip

    def killed(*given):
        if made:
            raise KeyboardInterrupt
        made.append(given[4])
        return write(*given)

    monkeypatch.setattr(stress, "write_clip", killed)
    assert held_out(data, "motion_blur") == 130
    assert not (data / "data/stressed").exists()
    first = sha256(made[0])

    def went_on(*given):
        made.append(given[4])
        return write(*given)

    monkeypatch.setattr(stress, "write_clip", went_on)
    assert held_out(data, "motion_blur") == 0
    assert [path.name for path in made] == ["talk.mp4", "walk.mp4"]
    assert sha256(data / "data/stressed/sample/motion_blur/clips/talk.mp4") == first


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["input=CLIP", "output=out.mp4", CONSENT], "say which condition: stress=NAME"),
        (["stress=flicker", "input=CLIP", "output=out.mp4"], "say on what ground"),
        (["stress=flicker", "input=CLIP", CONSENT], "say where the result goes"),
        (["stress=flicker", "input=CLIP", "output=out.avi", CONSENT], "must end in .mp4"),
        (["stress=flicker", "input=CLIP", "output=CLIP", CONSENT], "is the input"),
        (["stress=flicker", "input=gone.mp4", "output=out.mp4", CONSENT], "there is no video"),
        (["stress=blinds", "input=CLIP"], "there is no stress=blinds"),
    ],
)
def test_what_is_wrong_is_said(clip, capsys, given, told):
    assert main(["stress", *(one.replace("CLIP", str(clip)) for one in given)]) == 2
    assert told in capsys.readouterr().err
    assert not Path("out.mp4").exists()


def test_what_another_made_is_not_replaced(data, capsys):
    (data / "mine").mkdir()
    (data / "mine/photo.jpg").touch()
    assert held_out(data, "flicker", f"output={data / 'mine'}") == 2
    assert "is not replaced: it holds photo.jpg" in capsys.readouterr().err
