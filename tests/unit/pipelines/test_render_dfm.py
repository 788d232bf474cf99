"""DeepFaceLive's files, a stranger's and ours, rendered into a clip."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facsimile.media.files import sha256
from facsimile.media.video import probe, read_frames
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read

pytestmark = pytest.mark.sample
SIDE = 32


def stranger(path: Path, facts: dict[str, str] | None = None, morphs: bool = False) -> Path:
    """A file of the format's description alone: a pure green face, opaque everywhere."""
    shape = ["N", SIDE, SIDE]
    green = np.array([0, 1, 0], np.float32)
    tensors = [numpy_helper.from_array(green, "green")]
    tensors += [numpy_helper.from_array(np.zeros(1, np.float32), "zero")]
    tensors += [numpy_helper.from_array(np.ones(1, np.float32), "one")]
    tensors += [numpy_helper.from_array(np.array([0], np.int64), "first")]
    nodes = [
        helper.make_node("Mul", ["in_face:0", "zero"], ["black"]),
        helper.make_node("Gather", ["black", "first"], ["dark"], axis=3),
        helper.make_node("Add", ["dark", "one"], ["out_face_mask:0"]),
        helper.make_node("Add", ["dark", "one"], ["out_celeb_face_mask:0"]),
        helper.make_node("Add", ["black", "green"], ["face"]),
    ]
    inputs = [helper.make_tensor_value_info("in_face:0", TensorProto.FLOAT, [*shape, 3])]
    if morphs:
        inputs.append(helper.make_tensor_value_info("morph_value:0", TensorProto.FLOAT, [1]))
        nodes.append(helper.make_node("Mul", ["face", "morph_value:0"], ["out_celeb_face:0"]))
    else:
        nodes.append(helper.make_node("Identity", ["face"], ["out_celeb_face:0"]))
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [*shape, channels])
        for name, channels in (
            ("out_face_mask:0", 1),
            ("out_celeb_face:0", 3),
            ("out_celeb_face_mask:0", 1),
        )
    ]
    graph = helper.make_graph(nodes, "dfm", inputs, outputs, tensors)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)])
    made.ir_version = 8
    for key, value in (facts or {}).items():
        helper.set_model_props(made, {**{p.key: p.value for p in made.metadata_props}, key: value})
    onnx.save(made, str(path))
    return path


@pytest.fixture
def by_hand(cut, sample_root, models_root, tmp_path):
    clip = cut(sample_root / "clips/cap13_edit2.mp4", tmp_path / "a.mp4", 3)

    def arguments(model: Path, *more: str) -> list[str]:
        common = [f"checkpoint='{model}'", f"input={clip}", f"output={tmp_path}/out/b.mp4"]
        looks = [f"paths.models={models_root}", "render/colour=none", "render.crf=4"]
        return ["render", *common, *looks, "consent='drawn for a test'", *more]

    return arguments


def green(path: Path) -> float:
    """Share of the first frame's pixels that are the stranger's green."""
    image = next(read_frames(path)).image.astype(int)
    return float(((image[..., 1] > 200) & (image[..., 0] < 80) & (image[..., 2] < 80)).mean())


def test_a_strangers_file_is_rendered_and_signed(by_hand, tmp_path):
    model = stranger(tmp_path / "Fremder ü.dfm")
    assert main(by_hand(model)) == 0
    result = tmp_path / "out/b.mp4"
    assert probe(result).frames == 3
    assert green(result) > 0.02
    found = read(result)
    assert found.status == "valid"
    text = json.dumps(found.manifest, ensure_ascii=False)
    for said in ("Fremder ü", sha256(model), '"unknown"', "drawn for a test", "unknown person"):
        assert said in text


def test_a_strangers_file_needs_a_statement_even_on_a_described_clip(
    by_hand, world, tmp_path, capsys
):
    model, raw = stranger(tmp_path / "a.dfm"), world / "data/raw/sample"
    described = [f"data.root={raw}", f"input={raw}/clips/cap13_edit2.mp4", "consent=null"]
    assert main(by_hand(model, *described)) == 2
    message = capsys.readouterr().err
    assert "a.dfm does not state" in message
    assert 'consent="' in message
    assert not (tmp_path / "out").exists()


def test_what_its_file_states_goes_into_the_manifest(by_hand, world, tmp_path):
    facts = {
        "facsimile.model": "their_net",
        "facsimile.training_data": "theirs/ann, theirs/bob",
        "facsimile.synthetic_face_of": "ann",
        "facsimile.consent": "ann agreed",
    }
    model, raw = stranger(tmp_path / "a.dfm", facts), world / "data/raw/sample"
    described = [f"data.root={raw}", f"input={raw}/clips/cap13_edit2.mp4", "consent=null"]
    assert main(by_hand(model, *described)) == 0
    text = json.dumps(read(tmp_path / "out/b.mp4").manifest)
    for said in ("their_net", '"theirs/ann", "theirs/bob"', "face of ann", "ann agreed"):
        assert said in text
    assert "documented" in text  # the clip's, of conf/data/sample.yaml


@pytest.mark.parametrize(
    ("facts", "settings", "wide"),
    [
        ({}, (), True),  # the whole face
        ({"facsimile.coverage": "1.0"}, (), False),
        ({"facsimile.coverage": "half"}, ("render.coverage=whole",), True),
    ],
)
def test_the_field_of_view(by_hand, tmp_path, facts, settings, wide):
    """The mask is the whole crop, so that the green shows how much the crop takes."""
    model = stranger(tmp_path / "a.dfm", facts)
    everything = ("render/mask=learned", *settings)
    assert main(by_hand(model, *everything)) == 0
    assert (green(tmp_path / "out/b.mp4") > 0.12) == wide


def test_morphing(by_hand, tmp_path):
    model = stranger(tmp_path / "a.dfm", morphs=True)
    assert main(by_hand(model, "render.morph=1.0")) == 0
    whole = green(tmp_path / "out/b.mp4")
    assert main(by_hand(model, "render.morph=0.0")) == 0
    assert whole > 0.02 > green(tmp_path / "out/b.mp4")


@pytest.mark.parametrize(
    ("facts", "override", "words"),
    [
        ({}, "render.direction=A_to_B", "one direction only"),
        ({"facsimile.direction": "a_to_b"}, "render.direction=b_to_a", "this one's is a_to_b"),
        ({"facsimile.coverage": "-3"}, "seed=1", "cannot be"),
        ({"facsimile.coverage": "nan"}, "seed=1", "cannot be"),
        ({"facsimile.coverage": "huge"}, "seed=1", "cannot be"),
        ({}, "render.coverage=huge", "huge"),
        ({}, "render.morph=2.0", "morph"),
        ({}, "input=null", "input=FILE"),
        ({}, "output=b.webm", "must end in .mp4"),
    ],
)
def test_a_mistake_is_told_in_words(by_hand, tmp_path, facts, override, words, capsys):
    assert main(by_hand(stranger(tmp_path / "a.dfm", facts), override)) == 2
    message = capsys.readouterr().err
    assert words in message
    assert "Traceback" not in message
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_dfm(by_hand, tmp_path, capsys):
    path = tmp_path / "a.dfm"
    path.write_bytes(b"no graph")
    assert main(by_hand(path)) == 2
    assert "a.dfm" in capsys.readouterr().err


def test_the_right_direction_of_one_that_says_it(by_hand, tmp_path):
    model = stranger(tmp_path / "a.dfm", {"facsimile.direction": "a_to_b"})
    assert main(by_hand(model, "render.direction=a_to_b")) == 0


def test_our_own_export_looks_like_the_checkpoint(by_hand, checkpoint, tmp_path):
    dfm, results = tmp_path / "x.dfm", []
    export = [f"checkpoint={checkpoint}", f"output={dfm}", "format=dfm", "direction=B_to_A"]
    assert main(["export", *export, "consent='drawn for a test'"]) == 0
    for model, direction in ((checkpoint, "B_to_A"), (dfm, "cap_to_franck")):
        settings = (f"render.direction={direction}", "render.mask.learned=never")
        assert main(by_hand(model, *settings)) == 0
        results.append(next(read_frames(tmp_path / "out/b.mp4")).image.astype(int))
    difference = np.abs(results[0] - results[1])  # the checkpoint's face may come out of bfloat16
    assert difference.max() <= 10
    assert difference.mean() < 0.2
    said = json.dumps(read(tmp_path / "out/b.mp4").manifest)
    assert '"sample/franck", "sample/cap"' in said
    assert "face of cap" in said


def test_coverage_is_not_for_checkpoints(by_hand, checkpoint, capsys):
    assert main(by_hand(checkpoint, "render.direction=A_to_B", "render.coverage=2.0")) == 2
    assert "says its own" in capsys.readouterr().err
