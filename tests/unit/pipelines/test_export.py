import hashlib
import json
from pathlib import Path

import jaxtyping
import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from facsimile.faces.align import FaceType
from facsimile.inference.checkpoint import load_net
from facsimile.inference.dfm import DfmSwapper, load_dfm
from facsimile.inference.swap import AutoencoderSwapper
from facsimile.models.r2unet import R2UNet
from facsimile.pipelines.cli import main
from facsimile.pipelines.export import _how_to_use, _usual_mask


def changed(checkpoint: Path, **facts) -> Path:
    stored = torch.load(checkpoint)
    stored["facsimile"] |= facts
    torch.save(stored, checkpoint)
    return checkpoint


def facts_of(path: Path) -> dict[str, str]:
    return {one.key: one.value for one in onnx.load(path).metadata_props}


def arguments(checkpoint: Path, output: Path, *others: str) -> list[str]:
    kind = output.suffix[1:]
    return ["export", f"checkpoint={checkpoint}", f"format={kind}", f"output={output}", *others]


@pytest.mark.parametrize(
    ("direction", "identity"),
    [("A_to_B", "src"), ("cap_to_franck", "dst")],
)
def test_a_dfm_equals_our_own_inference(checkpoint, tmp_path, capsys, direction, identity):
    output = tmp_path / "neu" / "x, ü.dfm"
    assert main(arguments(checkpoint, output, f"direction={direction}")) == 0
    out = capsys.readouterr().out
    assert hashlib.sha256(output.read_bytes()).hexdigest() in out
    assert "coverage 1.4, y offset 0.08" in out  # of 1.35: DeepFaceLive knows tenths
    net, _ = load_net(checkpoint)
    crops = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    faces, _ = DfmSwapper(load_dfm(output))(crops)
    assert np.abs(faces - AutoencoderSwapper(net, identity, 16)(crops)[0]).max() < 1e-3


def test_it_says_what_it_makes_of_whom_out_of_what_and_by_whose_leave(checkpoint, tmp_path):
    output = tmp_path / "x.dfm"
    assert main(arguments(checkpoint, output, "direction=B_to_A")) == 0
    facts = facts_of(output)
    assert facts["facsimile.synthetic_face_of"] == "cap"
    assert facts["facsimile.direction"] == "cap_to_franck"
    assert facts["facsimile.model"] == "tiny"
    assert facts["facsimile.training_data"] == "sample/franck, sample/cap"
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    assert facts["facsimile.checkpoint_sha256"] == digest
    assert facts["facsimile.coverage"] == "1.35"
    assert facts["facsimile.mask"] == "fixed"
    assert "TrainedAlgorithmicMedia" in facts["facsimile.digital_source_type"]
    # the statements of conf/data/sample.yaml on each of the two
    assert "no consent form is published" in facts["facsimile.consent"]
    assert "cap: not documented" in facts["facsimile.consent"]
    assert "franck: published to train" in facts["facsimile.licence"]
    assert "synthetic faces of cap" in onnx.load(output).doc_string
    assert str(tmp_path) not in json.dumps(facts)


def test_the_same_checkpoint_gives_the_same_bytes(checkpoint, tmp_path):
    for name in ("a.dfm", "b.dfm"):
        assert main(arguments(checkpoint, tmp_path / name, "direction=A_to_B")) == 0
    assert (tmp_path / "a.dfm").read_bytes() == (tmp_path / "b.dfm").read_bytes()


def test_the_checkpoint_is_loaded_once(checkpoint, tmp_path, monkeypatch):
    loaded, load = [], torch.load
    monkeypatch.setattr(torch, "load", lambda f, **kw: loaded.append(f) or load(f, **kw))
    assert main(arguments(checkpoint, tmp_path / "x.onnx", "direction=A_to_B")) == 0
    assert loaded == [checkpoint]


def test_plain_onnx(checkpoint, tmp_path):
    output = tmp_path / "x.onnx"
    assert main(arguments(checkpoint, output, "direction=A_to_B")) == 0
    x = torch.rand(2, 3, 16, 16)
    [face] = onnxruntime.InferenceSession(str(output)).run(["face"], {"crop": x.numpy()})
    expected = load_net(checkpoint)[0](x, "src")[0].detach().numpy()
    np.testing.assert_allclose(face, expected, atol=1e-4)
    assert facts_of(output)["facsimile.synthetic_face_of"] == "franck"


@pytest.fixture
def enhancement(tmp_path) -> Path:
    net = R2UNet((4, 8, 16))
    description = {"_target_": "facsimile.models.r2unet.R2UNet", "widths": [4, 8, 16]}
    stored = {
        "state_dict": {f"net.{key}": value for key, value in net.state_dict().items()},
        "facsimile": {"net": description, "task": "enhancement", "data": "sample"},
    }
    torch.save(stored, tmp_path / "e.ckpt")
    return tmp_path / "e.ckpt"


@pytest.fixture
def sizes_may_be_traced():
    """The tracer hands on sizes as tensors, where the types say int."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


def test_the_enhancement_net(enhancement, tmp_path, sizes_may_be_traced):
    output = tmp_path / "e.onnx"
    assert main(arguments(enhancement, output)) == 0
    x = torch.rand(1, 3, 21, 35)
    [restored] = onnxruntime.InferenceSession(str(output)).run(None, {"lq": x.numpy()})
    expected = load_net(enhancement)[0](x).detach().numpy()
    np.testing.assert_allclose(restored, expected, atol=1e-4)
    assert "algorithmicallyEnhanced" in facts_of(output)["facsimile.digital_source_type"]


def test_data_that_no_config_describes_needs_a_statement(checkpoint, tmp_path, capsys):
    changed(checkpoint, data="mine")
    command = arguments(checkpoint, tmp_path / "x.dfm", "direction=A_to_B")
    assert main(command) == 2
    assert "consent=" in capsys.readouterr().err
    assert not (tmp_path / "x.dfm").exists()
    assert main([*command, "consent=both said yes, in writing"]) == 0
    facts = facts_of(tmp_path / "x.dfm")
    assert facts["facsimile.consent"] == "both said yes, in writing"
    assert facts["facsimile.licence"] == "franck: not stated; cap: not stated"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        (["format=null"], "format=dfm or format=onnx"),
        (["format=pt"], "format=dfm or format=onnx"),
        (["checkpoint=null"], "checkpoint=FILE.ckpt"),
        (["checkpoint=/no/such.ckpt"], "/no/such.ckpt"),
        (["output=null"], "output=FILE.dfm"),
        (["output=/tmp/x.onnx"], "output=FILE.dfm"),
        (["direction=null"], "A_to_B"),
        (["direction=B_to_C"], "direction=B_to_C"),
    ],
)
def test_bad_input_is_named(checkpoint, tmp_path, capsys, changes, named):
    command = arguments(checkpoint, tmp_path / "x.dfm", "direction=A_to_B")
    assert main([*command, *changes]) == 2
    assert named in capsys.readouterr().err
    assert not (tmp_path / "x.dfm").exists()


def test_a_dfm_holds_a_swap(enhancement, tmp_path, capsys):
    assert main(arguments(enhancement, tmp_path / "x.dfm")) == 2
    assert "format=onnx" in capsys.readouterr().err


def test_the_usual_mask_covers_a_face_and_no_border():
    for coverage in (1.35, FaceType.WHOLE):
        mask = _usual_mask(64, coverage)
        border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        assert mask[34, 32] == 1 and border.max() == 0
    assert _usual_mask(64, 1.35).mean() > _usual_mask(64, FaceType.WHOLE).mean()


@pytest.mark.parametrize(
    ("coverage", "words"),
    [(1.6, "coverage 1.6, y offset 0.08"), (FaceType.WHOLE, "coverage 2.1, y offset 0.01")],
)
def test_how_deepfacelive_has_to_cut(coverage, words):
    assert words in _how_to_use(coverage)
