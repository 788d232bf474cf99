import json
import shutil
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from facsimile.errors import UserError
from facsimile.faces.identity import SFace
from facsimile.faces.yunet import YuNet
from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.pipelines.cli import main
from facsimile.pipelines.trained_swap import identity_of
from facsimile.provenance.read import read

SUBJECTS = {"src": "franck", "dst": "cap"}


@pytest.fixture
def clip(cut, sample_root, tmp_path) -> Path:
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
    assert "9 frames, a face replaced in 9" in capsys.readouterr().out
    for name in ("b.mp4", "b.png"):
        found = read(tmp_path / "out" / name)
        assert found.status == "valid"
        text = json.dumps(found.manifest)
        assert "compositeWithTrainedAlgorithmicMedia" in text
        assert "drawn for a test" in text
        assert "face of franck" in text


@pytest.fixture
def two_men(sample_root, tmp_path) -> Path:
    """Six frames of franck alone, then six of cap alone, then six of franck again."""
    path = tmp_path / "two.mp4"
    with VideoWriter(path, 360, 288, Fraction(15), crf=5) as writer:
        for name, start in (("franck", 0), ("cap13_edit2", 90), ("franck", 400)):
            for frame in read_frames(sample_root / f"clips/{name}.mp4", start, start + 6):
                writer.write(cv2.resize(frame.image, (360, 288)))
    return path


@pytest.fixture
def knowing(by_hand, two_men, sample_root, models_root, tmp_path) -> list[str]:
    """How both men look, as `select` leaves it."""
    detect = YuNet(models_root / "face_detection_yunet_2023mar_int8bq.onnx")
    embed = SFace(models_root / "face_recognition_sface_2021dec_int8bq.onnx")
    rows = []
    for subject, name in (("franck", "franck"), ("cap", "cap12_edit")):
        image = next(read_frames(sample_root / f"clips/{name}.mp4")).image
        rows.append({"subject": subject, "embedding": embed(image, detect(image)[0].landmarks)})
    (tmp_path / "selected/sample").mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(tmp_path / "selected/sample/selected.parquet")
    return [*by_hand, f"paths.selected={tmp_path}/selected", f"input={two_men}"]


@pytest.mark.sample
@pytest.mark.parametrize(
    ("settings", "swapped"),
    [
        (["render.direction=A_to_B"], [False, True, False]),
        (["render.direction=B_to_A"], [True, False, True]),
        (["render.face=largest"], [True, True, True]),
    ],
)
def test_after_a_cut_nobody_but_the_target_is_swapped(
    knowing, two_men, settings, swapped, tmp_path, capsys
):
    assert main([*knowing, "render.crf=5", *settings]) == 0
    frames = [read_frames(path) for path in (two_men, tmp_path / "out/b.mp4")]
    pairs = zip(*frames, strict=True)
    apart = [np.abs(one.image.astype(int) - other.image).max() for one, other in pairs]
    assert [change > 80 for change in apart] == np.repeat(swapped, 6).tolist()
    told = capsys.readouterr().out
    assert f"18 frames, a face replaced in {6 * sum(swapped)}" in told
    assert ("frames show somebody else" in told) == (not all(swapped))


@pytest.mark.sample
def test_a_clip_of_somebody_else_says_how_anybody_is_taken(
    knowing, sample_root, cut, tmp_path, capsys
):
    clip = cut(sample_root / "clips/wolfgang_langer.mp4", tmp_path / "he.mp4", 3)
    assert main([*knowing, f"input={clip}"]) == 2
    assert "none of the 3 faces in its 3 frames" in capsys.readouterr().err
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.sample
def test_input_that_nothing_describes_needs_consent(by_hand, tmp_path, capsys):
    assert main([*by_hand, "consent=null"]) == 2
    message = capsys.readouterr().err
    assert "zwölf.mp4" in message
    assert "consent=" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.sample
def test_a_folder_does_not_become_the_data_set_by_being_its_root(by_hand, tmp_path, capsys):
    assert main([*by_hand, f"data.root={tmp_path}", "consent=null"]) == 2
    assert "consent=" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.sample
def test_a_file_beside_the_data_sets_clips_is_not_described(by_hand, world, clip, capsys):
    raw = world / "data/raw/sample"
    shutil.move(clip, raw / "clips/b.mp4")
    arguments = [*by_hand, f"data.root={raw}", f"input={raw}/clips/b.mp4", "consent=null"]
    assert main(arguments) == 2
    assert "consent=" in capsys.readouterr().err


@pytest.mark.sample
def test_a_clip_of_the_data_set_is_described(by_hand, world, tmp_path):
    raw = world / "data/raw/sample"
    arguments = [*by_hand, f"data.root={raw}", f"input={raw}/clips/cap13_edit2.mp4", "consent=null"]
    assert main(arguments) == 0
    manifest = json.dumps(read(tmp_path / "out/b.mp4").manifest)
    assert "documented" in manifest  # the statement of conf/data/sample.yaml


@pytest.mark.sample
@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("render.direction=null", "say whose face goes where: render.direction="),
        ("render.direction=null", "franck_to_cap (A_to_B) or cap_to_franck (B_to_A)"),
        ("render.direction=cap_to_ann", "render.direction=cap_to_ann is not one"),
        ("output=null", "say where the result goes"),
        ("output=b.avi", "must end in .mp4"),
        ("render.preview=b.webp", "render.preview=b.webp must end in .png"),
        ("render.preview=b", "render.preview=b must end in .png"),
        ("input=missing.mp4", "there is no video missing.mp4"),
        ("checkpoint=missing.ckpt", "no checkpoint at missing.ckpt"),
        ("render/mask=square", "mask"),
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
def test_every_part_of_the_look_can_be_chosen(by_hand, tmp_path):
    parts = ["mask=product", "colour=sot", "detail=match", "blend=poisson"]
    settings = ["render.mask.learned=if_any", "render.smoothing.half=3", "render.presharpen.k=0.5"]
    assert main([*by_hand, *(f"render/{part}" for part in parts), *settings]) == 0
    assert probe(tmp_path / "out/b.mp4").frames == 9


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
    assert "give one of task swap" in capsys.readouterr().err


@pytest.mark.sample
@pytest.mark.parametrize("key", ["subjects", "coverage"])
def test_a_checkpoint_that_says_too_little_is_refused(by_hand, checkpoint, key, capsys):
    stored = torch.load(checkpoint)
    del stored["facsimile"][key]
    torch.save(stored, checkpoint)
    assert main(by_hand) == 2
    assert f"does not say its {key}" in capsys.readouterr().err


@pytest.mark.parametrize("direction", ["A_to_B", "franck_to_cap"])
def test_a_stands_for_the_first_of_the_pair(direction):
    assert identity_of(direction, SUBJECTS, "direction") == "src"


@pytest.mark.parametrize("direction", ["B_to_A", "cap_to_franck"])
def test_b_stands_for_the_second(direction):
    assert identity_of(direction, SUBJECTS, "direction") == "dst"


@pytest.mark.parametrize("key", ["direction", "render.direction"])
def test_unknown_directions_are_refused_by_the_key_that_gave_them(key):
    with pytest.raises(UserError, match=f"^{key}=franck_to_franck is not .*B_to_A"):
        identity_of("franck_to_franck", SUBJECTS, key)


def test_without_a_checkpoint_or_a_recipe(capsys):
    assert main(["render"]) == 2
    assert "experiment=NAME" in capsys.readouterr().err


@pytest.mark.sample
def test_a_clip_without_a_face_is_refused_and_the_next_of_a_sweep_goes_on(
    by_hand, clip, tmp_path, capsys
):
    nobody, info = tmp_path / "a1.mp4", probe(clip)
    with VideoWriter(nobody, info.width, info.height, info.frame_rate) as writer:
        writer.write(np.zeros((info.height, info.width, 3), np.uint8))
    shutil.move(clip, tmp_path / "a2.mp4")
    files = [f"input={tmp_path}/a${{seed}}.mp4", f"output={tmp_path}/out/b${{seed}}.mp4"]
    chosen = [one for one in by_hand if not one.startswith(("input=", "output="))]
    assert main([*chosen, "-m", "seed=1,2", *files]) == 2
    assert "a1.mp4: no face" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").glob("*.mp4")] == ["b2.mp4"]


@pytest.mark.sample
def test_a_label_that_nobody_could_read_is_told_once(by_hand, tmp_path, capsys):
    words = " ".join(["a label without end"] * 4)
    assert main([*by_hand, f"render.label='{words}'"]) == 0
    assert capsys.readouterr().err.count("too small to be read") == 1
