import json
import shutil
from itertools import islice
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from facsimile.errors import UserError
from facsimile.media.image import write_image
from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.pipelines.cli import main
from facsimile.pipelines.trained_swap import identity_of
from facsimile.provenance.read import read
from facsimile.rendering.direction import Direction

SUBJECTS = {"src": "franck", "dst": "cap"}
SIZES = {
    "resolution": 16,
    "encoder_dim": 4,
    "code_dim": 8,
    "inter_dim": 8,
    "decoder_dims": [8, 6, 4],
}


@pytest.fixture(autouse=True)
def own_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("FACSIMILE_HOME", str(tmp_path / "home"))


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    """An untrained swap of franck and cap."""
    torch.manual_seed(0)
    target = "facsimile.models.df_autoencoder.DFAutoencoder"
    stored = {
        "state_dict": {f"net.{k}": v for k, v in DFAutoencoder(**SIZES).state_dict().items()},
        "facsimile": {
            "net": {"_target_": target, **SIZES},
            "task": "swap",
            "name": "tiny",
            "data": "sample",
            "subjects": SUBJECTS,
        },
    }
    torch.save(stored, tmp_path / "tiny.ckpt")
    return tmp_path / "tiny.ckpt"


def cut(source: Path, path: Path, frames: int) -> Path:
    """The first frames of a clip."""
    info = probe(source)
    with VideoWriter(path, info.width, info.height, info.frame_rate) as writer:
        for frame in islice(read_frames(source), frames):
            writer.write(frame.image)
    return path


@pytest.fixture
def clip(sample_root, tmp_path) -> Path:
    return cut(sample_root / "clips/cap13_edit2.mp4", tmp_path / "cap, zwölf.mp4", 9)


@pytest.fixture
def by_hand(checkpoint, clip, models_root, tmp_path) -> list[str]:
    return [
        "render",
        f"checkpoint={checkpoint}",
        f"input='{clip}'",
        f"output={tmp_path}/out/b.mp4",
        f"paths.models={models_root}",
        "render.direction=A_to_B",
        "consent='drawn for a test'",
    ]


@pytest.mark.sample
def test_by_hand_only_the_output_is_written_and_it_is_signed(by_hand, clip, tmp_path, capsys):
    before = set(tmp_path.rglob("*"))
    assert main([*by_hand, f"render.preview={tmp_path}/out/b.png"]) == 0
    made = {path.name for path in set(tmp_path.rglob("*")) - before}
    assert made >= {"out", "b.mp4", "b.png"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"b.mp4", "b.png"}
    source, result = probe(clip), probe(tmp_path / "out/b.mp4")
    assert (result.width, result.height, result.frame_rate, result.frames) == (
        source.width,
        source.height,
        source.frame_rate,
        9,
    )
    assert "9 frames, a face in 9" in capsys.readouterr().out
    for name in ("b.mp4", "b.png"):
        found = read(tmp_path / "out" / name)
        assert found.status == "valid"
        text = json.dumps(found.manifest)
        assert "compositeWithTrainedAlgorithmicMedia" in text
        assert "drawn for a test" in text
        assert "face of franck" in text


@pytest.mark.sample
def test_input_that_nothing_describes_needs_consent(by_hand, tmp_path, capsys):
    assert main([*by_hand, "consent=null"]) == 2
    message = capsys.readouterr().err
    assert "zwölf.mp4" in message
    assert "consent=" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.sample
def test_input_below_the_data_sets_root_is_described(by_hand, clip, tmp_path):
    raw = tmp_path / "described"
    raw.mkdir()
    shutil.move(clip, raw / "b.mp4")
    arguments = [*by_hand, f"data.root={raw}", f"input={raw}/b.mp4", "consent=null"]
    assert main(arguments) == 0
    manifest = json.dumps(read(tmp_path / "out/b.mp4").manifest)
    assert "documented" in manifest  # the statement of conf/data/sample.yaml


@pytest.mark.sample
@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("render.direction=null", "A_to_B (franck's face on cap's frames)"),
        ("render.direction=cap_to_ann", "render.direction=cap_to_ann is not one"),
        ("output=null", "say where the result goes"),
        ("output=b.avi", "must end in .mp4"),
        ("input=missing.mp4", "there is no video missing.mp4"),
        ("checkpoint=missing.ckpt", "no checkpoint at missing.ckpt"),
        ("render.mask=square", "mask"),
        ("render.colour=sot", "colour"),
        ("render.batch_size=0", "render.batch_size"),
        ("render.crf=99", "render.crf"),
    ],
)
def test_a_mistake_is_told_in_words(by_hand, override, words, capsys):
    assert main([*by_hand, override]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert "Traceback" not in message


@pytest.mark.sample
def test_the_input_is_never_overwritten(by_hand, clip, capsys):
    before = clip.read_bytes()
    assert main([*by_hand, f"output='{clip}'"]) == 2
    assert "is the input" in capsys.readouterr().err
    assert clip.read_bytes() == before


@pytest.mark.sample
def test_a_checkpoint_of_another_task_is_refused(by_hand, checkpoint, capsys):
    stored = torch.load(checkpoint)
    stored["facsimile"]["task"] = "enhancement"
    torch.save(stored, checkpoint)
    assert main(by_hand) == 2
    assert "render needs a swap" in capsys.readouterr().err


@pytest.mark.parametrize("direction", ["A_to_B", "franck_to_cap"])
def test_a_stands_for_the_first_of_the_pair(direction):
    assert identity_of(direction, SUBJECTS) == "src"


@pytest.mark.parametrize("direction", ["B_to_A", "cap_to_franck"])
def test_b_stands_for_the_second(direction):
    assert identity_of(direction, SUBJECTS) == "dst"


def test_unknown_directions_are_refused():
    with pytest.raises(UserError, match="B_to_A"):
        identity_of("franck_to_franck", SUBJECTS)


@pytest.fixture
def world(sample_root, tmp_path) -> Path:
    """A data set like the sample, of a second of each man."""
    root = tmp_path / "world"
    raw, selected = root / "data/raw/sample", root / "data/selected/sample"
    (raw / "clips").mkdir(parents=True)
    rows, sources = [], {}
    pair = (("franck", "franck", "data_src", 14), ("cap", "cap13_edit2", "data_dst", 8))
    for subject, name, side, frames in pair:
        clip = cut(sample_root / f"clips/{name}.mp4", raw / f"clips/{name}.mp4", frames)
        sources[subject] = {"subject": subject, "files": [{"path": f"clips/{name}.mp4"}]}
        image = next(read_frames(clip)).image
        (selected / side).mkdir(parents=True)
        write_image(selected / side / "a.png", image[60:188, 130:258])
        rows.append((f"{side}/a.png", subject, f"{name}_before", 0, "train"))
        rows.append((f"{side}/b.png", subject, name, 7, "test"))
    (raw / "sources.yaml").write_text(yaml.safe_dump(sources))
    split = pd.DataFrame(rows, columns=["path", "subject", "clip", "frame", "split"])
    (root / "data/splits/sample").mkdir(parents=True)
    split.to_parquet(root / "data/splits/sample/swap.parquet")
    measured = split.drop(columns="split").assign(yaw=0.0, pitch=0.0, sharpness=1.0)
    measured.to_parquet(selected / "selected.parquet")
    return root


@pytest.fixture
def recipe(world, checkpoint, models_root) -> list[str]:
    (world / "experiments/swap_df").mkdir(parents=True)
    shutil.copy(checkpoint, world / "experiments/swap_df/checkpoint.ckpt")
    return [
        "render",
        "experiment=swap_df",
        f"paths.root={world}",
        f"paths.models={models_root}",
        "params.split.swap.blocks.franck.test=[5,14]",
        "params.split.swap.blocks.cap13_edit2.test=[0,8]",
    ]


def lossless(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "lossless").iterdir()}


@pytest.mark.sample
def test_a_recipe_renders_both_directions_of_what_is_held_out(recipe, world):
    assert main(recipe) == 0
    folder = world / "experiments/swap_df/render"
    for direction, frames in (("franck_to_cap", 8), ("cap_to_franck", 9)):
        track = pd.read_parquet(folder / f"lossless/{direction}.parquet")
        assert track["detected"].all()
        assert track["frame"].iloc[0] == (0 if direction == "franck_to_cap" else 5)
        for name in (direction, f"still_{direction}"):
            assert len(list(read_frames(folder / f"lossless/{name}.mkv"))) == frames
        for name in (f"{direction}.mp4", f"side_by_side_{direction}.mp4"):
            assert probe(folder / "signed" / name).frames == frames
            assert read(folder / "signed" / name).status == "valid"
        assert read(folder / f"signed/preview_{direction}.png").status == "valid"
    assert not list((world / "work").iterdir())


@pytest.mark.sample
def test_a_killed_run_goes_on_and_ends_the_same(recipe, world, monkeypatch):
    assert main([*recipe, f"output={world}/whole"]) == 0
    done: list[str] = []

    def killed(self, *arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(Direction, "_compare", killed)
        assert main(recipe) == 130
    assert not (world / "experiments/swap_df/render").exists()
    work = next((world / "work").iterdir())
    (work / "lossless/.partial-left.mkv").write_bytes(b"half a file")
    kept = (work / "lossless/franck_to_cap.mkv").stat().st_mtime_ns
    original = Direction._track

    def watched(self, *arguments):
        done.append(self.name)
        return original(self, *arguments)

    monkeypatch.setattr(Direction, "_track", watched)
    assert main(recipe) == 0
    assert done == ["cap_to_franck"]
    folder = world / "experiments/swap_df/render"
    assert (folder / "lossless/franck_to_cap.mkv").stat().st_mtime_ns == kept
    assert lossless(folder) == lossless(world / "whole")
    assert not list(folder.rglob(".*"))


@pytest.mark.sample
def test_another_look_never_takes_over_half_a_run(recipe, world, monkeypatch):
    with monkeypatch.context() as context:
        context.setattr(Direction, "_compare", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert main(recipe) == 130
    half = next((world / "work").iterdir())
    assert main([*recipe, "render=wide"]) == 0
    assert [path for path in (world / "work").iterdir()] == [half]
    wide = world / "experiments/swap_df/render/lossless/franck_to_cap.mkv"
    assert wide.read_bytes() != (half / "lossless/franck_to_cap.mkv").read_bytes()


def test_without_a_checkpoint_or_a_recipe(capsys):
    assert main(["render"]) == 2
    assert "experiment=NAME" in capsys.readouterr().err
