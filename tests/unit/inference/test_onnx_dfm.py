import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from facsimile.inference.dfm import DfmSwapper, load_dfm
from facsimile.inference.onnx_dfm import to_dfm
from facsimile.inference.swap import AutoencoderSwapper
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.models.liae_autoencoder import LIAEAutoencoder

SIDE = 32
FIXED = np.linspace(0, 1, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
SIZES = (SIDE, 4, 16, 8)
NETS = {
    "df": lambda: DFAutoencoder(*SIZES, (8, 6, 4)),
    "df with masks": lambda: DFAutoencoder(*SIZES, (8, 6, 4), 8),
    "df-udt": lambda: DFAutoencoder(64, 4, 16, 8, (8, 8, 6, 4), 4, True, True, True),
    "liae-udc": lambda: LIAEAutoencoder(*SIZES, (8, 6, 4), 4, True, True, False, True),
}


def small(name: str) -> nn.Module:
    torch.manual_seed(0)
    return NETS[name]().eval()


@cache
def exported(name: str, identity: str = "src") -> bytes:
    net = small(name)
    fixed = np.ascontiguousarray(np.resize(FIXED, (net.resolution, net.resolution)))
    return to_dfm(net, identity, fixed, "made", {"b": "1", "a": "2"})


def live(content: bytes, bgr: np.ndarray) -> list[np.ndarray]:
    """As DeepFaceLive calls it: by the input's name, the outputs by their order."""
    return onnxruntime.InferenceSession(content).run(None, {"in_face:0": bgr})


def written(content: bytes, folder: Path) -> Path:
    (folder / "a.dfm").write_bytes(content)
    return folder / "a.dfm"


@pytest.mark.parametrize("name", ["df", "liae-udc"])
def test_names_shapes_and_versions_are_deepfacelives(name):
    content = exported(name)
    session = onnxruntime.InferenceSession(content)
    ports = [*session.get_inputs(), *session.get_outputs()]
    assert [(one.name, one.type, one.shape) for one in ports] == [
        ("in_face:0", "tensor(float)", ["N", SIDE, SIDE, 3]),
        ("out_face_mask:0", "tensor(float)", ["N", SIDE, SIDE, 1]),
        ("out_celeb_face:0", "tensor(float)", ["N", SIDE, SIDE, 3]),
        ("out_celeb_face_mask:0", "tensor(float)", ["N", SIDE, SIDE, 1]),
    ]
    model = onnx.load_from_string(content)
    assert 12 <= model.opset_import[0].version <= 17 and model.ir_version <= 8
    assert {node.domain for node in model.graph.node} == {""}
    modes = {
        attribute.s
        for node in model.graph.node if node.op_type == "DepthToSpace"
        for attribute in node.attribute if attribute.name == "mode"
    }  # fmt: skip
    assert modes == {b"CRD"}  # torch's order of a pixel shuffle


@pytest.mark.parametrize(
    ("name", "identity"),
    [("df", "src"), ("df", "dst"), ("df with masks", "dst"), ("df-udt", "src"),
     ("liae-udc", "src"), ("liae-udc", "dst")],
)  # fmt: skip
def test_equals_our_own_inference(name, identity, tmp_path):
    net, content = small(name), exported(name, identity)
    side = net.resolution
    crops = np.random.default_rng(0).integers(0, 256, (3, side, side, 3), np.uint8)
    faces, masks = AutoencoderSwapper(net, identity, side)(crops)
    bgr = np.ascontiguousarray(crops[..., ::-1]).astype(np.float32) / 255
    target, face, mask = live(content, bgr)
    assert np.abs(face[..., ::-1] - faces).max() < 1e-3
    again, learned = DfmSwapper(load_dfm(written(content, tmp_path)))(crops)
    assert np.abs(again - faces).max() < 1e-3
    if masks is None:
        assert learned is None
        assert target.min() == 1
        np.testing.assert_array_equal(mask[..., 0], np.stack([FIXED] * 3))
        return
    other = AutoencoderSwapper(net, "dst" if identity == "src" else "src", side)(crops)[1]
    assert np.abs(mask[..., 0] - masks).max() < 1e-3
    assert np.abs(target[..., 0] - other).max() < 1e-3
    assert np.abs(masks - other).max() > 0.01
    np.testing.assert_allclose(learned, masks * other, atol=1e-3)


def test_the_code_is_computed_once_and_unused_decoders_are_left_out():
    model = onnx.load_from_string(exported("df with masks"))
    weights = [node.input[1] for node in model.graph.node if node.op_type in ("Conv", "Gemm")]
    assert len(weights) == len(set(weights))
    parts = {name.rpartition("net.")[2].split(".", 2)[0] for name in weights}
    assert parts >= {"encoder", "images", "masks"}
    assert not any("images.dst" in name for name in weights)


SCRIPT = """
import sys, numpy, torch
from facsimile.inference.onnx_dfm import to_dfm
from facsimile.models.df_autoencoder import DFAutoencoder
torch.manual_seed(0)
net = DFAutoencoder(32, 4, 16, 8, (8, 6, 4), 8)
fixed = numpy.linspace(0, 1, 1024, dtype=numpy.float32).reshape(32, 32)
sys.stdout.buffer.write(to_dfm(net, "src", fixed, "made", {"a": "2", "b": "1"}))
"""


def test_another_process_writes_the_same_bytes():
    done = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True)
    assert done.stdout == exported("df with masks")
