"""Graphs built by hand from the format's description, none by our exporter."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facsimile.errors import UserError
from facsimile.inference.dfm import DfmSwapper, load_dfm
from facsimile.inference.swap import Swapper

SIDE = 32
TINT = np.array([1.0, 0.5, 0.25], np.float32)  # of blue, green, red
FLOAT = TensorProto.FLOAT
OUTPUTS = ("out_face_mask:0", "out_celeb_face:0", "out_celeb_face_mask:0")


def channel(name: str, index: int) -> list[onnx.NodeProto]:
    """One channel of the input as a mask."""
    return [helper.make_node("Gather", ["in_face:0", f"at_{index}"], [name], axis=3)]


def graph(
    names=OUTPUTS,
    face=("N", SIDE, SIDE, 3),
    kind=FLOAT,
    morph=None,
    nodes=(),
    outputs=None,
    face_name="in_face:0",
) -> onnx.GraphProto:
    """The face tinted, out 1 its blue and out 3 its red; morphing, the tint by degrees."""
    constants = {"tint": TINT, "one": np.ones(1, np.float32)}
    constants |= {f"at_{index}": np.array([index], np.int64) for index in (0, 2)}
    tinted = OUTPUTS[1] if morph is None else "tinted"
    body = [*channel(OUTPUTS[0], 0), helper.make_node("Mul", ["in_face:0", "tint"], [tinted])]
    if morph is not None:
        body += [
            helper.make_node("Sub", ["one", "morph_value:0"], ["rest"]),
            helper.make_node("Mul", ["in_face:0", "rest"], ["kept"]),
            helper.make_node("Mul", ["tinted", "morph_value:0"], ["taken"]),
            helper.make_node("Add", ["kept", "taken"], [OUTPUTS[1]]),
        ]
    body += channel(OUTPUTS[2], 2)
    inputs = [helper.make_tensor_value_info(face_name, kind, face)]
    if morph is not None:
        inputs.append(helper.make_tensor_value_info("morph_value:0", FLOAT, morph))
    shapes = {name: (*face[:-1], 3 if name == OUTPUTS[1] else 1) for name in OUTPUTS}
    values = [helper.make_tensor_value_info(name, FLOAT, shapes.get(name)) for name in names]
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    return helper.make_graph([*body, *nodes], "dfm", inputs, outputs or values, tensors)


def model(built: onnx.GraphProto, opset: int = 12, ir_version: int = 8) -> onnx.ModelProto:
    made = helper.make_model(built, opset_imports=[helper.make_opsetid("", opset)])
    made.ir_version = ir_version
    return made


def saved(made: onnx.ModelProto, folder: Path) -> Path:
    path = folder / "Fremder ü.dfm"
    path.write_bytes(made.SerializeToString())
    return path


@pytest.fixture
def crops() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), np.uint8)


@pytest.mark.parametrize("batch", ["N", None, 1, 2, 5])
@pytest.mark.parametrize(("opset", "ir_version"), [(12, 7), (12, 8), (17, 8)])
def test_any_conforming_file_runs(crops, tmp_path, opset, ir_version, batch):
    path = saved(model(graph(face=(batch, SIDE, SIDE, 3)), opset, ir_version), tmp_path)
    swapper = DfmSwapper(load_dfm(path))
    assert isinstance(swapper, Swapper)
    assert swapper.resolution == SIDE
    faces, masks = swapper(crops)
    rgb = crops.astype(np.float64) / 255
    assert faces.dtype == masks.dtype == np.float32
    np.testing.assert_allclose(faces, rgb * [0.25, 0.5, 1.0], atol=1e-6)
    np.testing.assert_allclose(masks, rgb[..., 2] * rgb[..., 0], atol=1e-6)


@pytest.mark.parametrize("shape", [(1,), (None,)])
@pytest.mark.parametrize(("opset", "value"), [(12, 0.0), (12, 0.3), (17, 1.0)])
def test_a_file_that_morphs_gets_the_value(crops, tmp_path, shape, opset, value):
    path = saved(model(graph(morph=shape), opset), tmp_path)
    faces, _ = DfmSwapper(load_dfm(path), value)(crops)
    tint = np.array([0.25, 0.5, 1.0]) * value + 1 - value
    np.testing.assert_allclose(faces, crops / 255 * tint, atol=1e-6)


def test_deepfacelives_own_morph_value_is_the_default(crops, tmp_path):
    dfm = load_dfm(saved(model(graph(morph=(1,))), tmp_path))
    np.testing.assert_array_equal(DfmSwapper(dfm)(crops)[0], DfmSwapper(dfm, 0.75)(crops)[0])


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_morph_values_are_shares(tmp_path, value):
    dfm = load_dfm(saved(model(graph(morph=(1,))), tmp_path))
    with pytest.raises(UserError, match="between 0 and 1"):
        DfmSwapper(dfm, value)


def test_larger_crops_are_reduced_and_faces_enlarged_in_place(tmp_path):
    swapper = DfmSwapper(load_dfm(saved(model(graph()), tmp_path)))
    ramp = np.tile(np.arange(64, dtype=np.uint8)[None, None, :, None] * 4, (2, 64, 1, 3))
    faces, masks = swapper(ramp)
    assert faces.shape == (2, 64, 64, 3) and masks.shape == (2, 64, 64)
    np.testing.assert_allclose(faces[0, 32, 8:-8, 2], ramp[0, 32, 8:-8, 2] / 255, atol=0.01)


def test_height_and_width_may_differ(tmp_path):
    swapper = DfmSwapper(load_dfm(saved(model(graph(face=("N", 32, 48, 3))), tmp_path)))
    faces, masks = swapper(np.full((2, 64, 64, 3), 128, np.uint8))
    assert swapper.resolution == 48
    np.testing.assert_allclose(faces[..., 2], 128 / 255, atol=1e-6)
    assert masks.shape == (2, 64, 64)


def test_results_outside_the_range_are_cut(crops, tmp_path):
    built = graph()
    built.initializer[0].CopyFrom(numpy_helper.from_array(3 * TINT, "tint"))
    faces, _ = DfmSwapper(load_dfm(saved(model(built), tmp_path)))(crops)
    np.testing.assert_allclose(faces[..., 2], np.minimum(crops[..., 2] / 255 * 3, 1), atol=1e-6)


def test_weights_that_an_older_file_lists_as_inputs_are_none(crops, tmp_path):
    built = graph()
    built.input.append(helper.make_tensor_value_info("tint", FLOAT, (3,)))
    faces, _ = DfmSwapper(load_dfm(saved(model(built), tmp_path)))(crops)
    np.testing.assert_allclose(faces[..., 2], crops[..., 2] / 255, atol=1e-6)


def test_what_a_file_says_of_itself_is_kept(tmp_path):
    made = model(graph())
    helper.set_model_props(made, {"who": "a stranger"})
    assert load_dfm(saved(made, tmp_path)).facts == {"who": "a stranger"}


def open_output(name, shape):
    """Outputs that do not state their shapes."""
    return [helper.make_tensor_value_info(n, FLOAT, shape if n == name else None) for n in OUTPUTS]


def test_outputs_need_not_state_their_shapes(crops, tmp_path):
    built = graph(outputs=open_output("", None))
    faces, _ = DfmSwapper(load_dfm(saved(model(built), tmp_path)))(crops)
    np.testing.assert_allclose(faces[..., 2], crops[..., 2] / 255, atol=1e-6)


REFUSED = {
    "a name of the input": (graph(face_name="face:0"), "inputs are face:0"),
    "a name of an output": (graph(names=("mask:0", *OUTPUTS[1:])), "outputs are mask:0"),
    "another order": (graph(names=OUTPUTS[::-1]), "outputs are out_celeb_face_mask:0"),
    "an output is missing": (graph(names=OUTPUTS[:2]), "outputs are out_face_mask:0, out_celeb"),
    "channels first": (graph(face=("N", 3, SIDE, SIDE)), r"\(N, 3, 32, 32\), not \(N, H, W, 3\)"),
    "no batch": (graph(face=(SIDE, SIDE, 3)), r"not \(N, H, W, 3\)"),
    "any height": (graph(face=("N", "H", SIDE, 3)), "height and width must be numbers"),
    "any width": (graph(face=("N", SIDE, None, 3)), "height and width must be numbers"),
    "too large": (graph(face=("N", 8192, 8192, 3)), "from 16 to 2048"),
    "too many at once": (graph(face=(10**6, SIDE, SIDE, 3)), "1000000 crops at once"),
    "half precision": (graph(kind=TensorProto.FLOAT16), "is FLOAT16, not FLOAT"),
    "a morph value of two": (graph(morph=(2,)), r"morph_value:0 is \(2\), not \(1\)"),
    "an output of another side": (
        graph(outputs=open_output(OUTPUTS[1], ("N", 64, SIDE, 3))),
        r"out_celeb_face:0 is \(N, 64, 32, 3\), not \(N, 32, 32, 3\)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_does_not_conform_is_refused_before_it_runs(name, tmp_path, monkeypatch):
    monkeypatch.setattr("facsimile.inference.dfm.open_session", None)
    built, words = REFUSED[name]
    with pytest.raises(UserError, match=f"Fremder ü.dfm .*{words}"):
        load_dfm(saved(model(built), tmp_path))


def broken(constant: str, value: np.ndarray) -> onnx.GraphProto:
    built = graph(outputs=open_output("", None))
    [tensor] = [one for one in built.initializer if one.name == constant]
    tensor.CopyFrom(numpy_helper.from_array(value, constant))
    return built


@pytest.mark.parametrize(
    ("constant", "value", "words"),
    [
        ("at_0", np.array([0, 1], np.int64), r"comes out as \(1, 32, 32, 2\)"),
        ("at_0", np.array([7], np.int64), "cannot be run"),
        ("tint", np.array([1, 1, np.nan], np.float32), "comes out as no numbers"),
        ("tint", np.ones(7, np.float32), "cannot be run"),
    ],
)
def test_what_shows_only_when_it_runs_is_refused_too(constant, value, words, tmp_path):
    with pytest.raises(UserError, match=f"Fremder ü.dfm .*{words}"):
        load_dfm(saved(model(broken(constant, value)), tmp_path))
