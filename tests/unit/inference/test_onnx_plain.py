from pathlib import Path

import jaxtyping
import onnxruntime
import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from facsimile.inference.onnx_plain import enhancement_to_onnx, swap_to_onnx
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.models.dncnn import DnCNN
from facsimile.models.nafnet import NAFNet
from facsimile.models.r2unet import R2UNet
from facsimile.models.restoration_cascade import RestorationCascade
from facsimile.models.unet import UNet


def session(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content)


def shapes(ports) -> dict[str, list]:
    return {one.name: one.shape for one in ports}


@pytest.mark.parametrize(("identity", "mask_dim"), [("src", None), ("dst", 8)])
@torch.inference_mode()
def test_a_swap_computes_what_torch_computes(identity, mask_dim):
    torch.manual_seed(0)
    net = DFAutoencoder(32, 4, 16, 8, (8, 6, 4), mask_dim).eval()
    ran = session(swap_to_onnx(net, identity, "", {}))
    assert shapes(ran.get_inputs()) == {"crop": ["N", 3, 32, 32]}
    wanted = {"face": ["N", 3, 32, 32]} | ({"mask": ["N", 1, 32, 32]} if mask_dim else {})
    assert shapes(ran.get_outputs()) == wanted
    x = torch.rand(3, 3, 32, 32)
    kept = [value for value in net(x, identity) if value is not None]
    for result, value in zip(ran.run(None, {"crop": x.numpy()}), kept, strict=True):
        torch.testing.assert_close(torch.from_numpy(result), value, rtol=0, atol=1e-4)


@pytest.fixture
def sizes_may_be_traced():
    """The tracer hands on sizes as tensors, where the types say int."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


CONF = Path(__file__).resolve().parents[3] / "conf/model"
RESTORERS = {
    "r2unet": lambda scale: R2UNet((4, 8, 16), scale=scale),
    "nafnet": lambda scale: NAFNet(4, (1, 1), 1, (1, 1), scale=scale),
    "unet": lambda scale: UNet((4, 8, 16), scale),
    "dncnn": lambda scale: DnCNN(4, 8, scale),
}


def ready(net):
    """With weights and running statistics that are nowhere those it begins with."""
    torch.manual_seed(0)
    for parameter in net.parameters():
        if not parameter.any():  # what begins at zero would hide what it weighs
            torch.nn.init.normal_(parameter, std=0.05)
    net.train()(torch.rand(4, 3, 32, 32))
    return net.eval()


DETECTORS = ("Meso4", "FrequencyNet", "TimmClassifier")


def own_targets() -> list[str]:
    """The restoration nets of conf/model, without the larger presets of the same ones."""
    targets = {path.stem: OmegaConf.load(path).get("_target_", "") for path in CONF.glob("*.yaml")}
    return sorted(name for name, one in targets.items() if one and not _is_other(one))


def _is_other(target: str) -> bool:
    return "autoencoder" in target or target.endswith(DETECTORS)


@torch.inference_mode()
def test_the_smallest_side_that_a_file_names_is_taken(sizes_may_be_traced):
    net = RestorationCascade(8, (1, 1), 8, (1,), 4).eval()
    net.coarse.weight.zero_()
    net.coarse.bias.copy_(torch.tensor([2.5, 0.2]))  # the widest blur and some light
    content = enhancement_to_onnx(net, "", {})
    ran = session(content)
    side = int(ran.get_modelmeta().custom_metadata_map["least_side"])
    x = torch.rand(1, 3, side, side + 3)
    torch.testing.assert_close(
        torch.from_numpy(ran.run(None, {"lq": x.numpy()})[0]), net(x), rtol=0, atol=1e-3
    )


@pytest.mark.parametrize("name", own_targets())
@torch.inference_mode()
def test_each_configured_net_restores_any_size_as_torch_does(name, sizes_may_be_traced):
    net = ready(instantiate(OmegaConf.load(CONF / f"{name}.yaml")))
    ran = session(enhancement_to_onnx(net, "", {}))
    assert shapes(ran.get_inputs()) == {"lq": ["N", 3, "H", "W"]}
    assert shapes(ran.get_outputs()) == {"restored": ["N", 3, "H", "W"]}
    for size in ((32, 32), (41, 99), (96, 16)):
        x = torch.rand(1, 3, *size)
        x[..., :9, :9] = (x[..., :9, :9] > 0.5).float()  # what salt and pepper leave
        [result] = ran.run(None, {"lq": x.numpy()})
        torch.testing.assert_close(torch.from_numpy(result), net(x), rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", RESTORERS)
@torch.inference_mode()
def test_a_net_that_enlarges_can_be_exported(name, sizes_may_be_traced):
    net = ready(RESTORERS[name](2))
    ran = session(enhancement_to_onnx(net, "", {}))
    assert shapes(ran.get_outputs()) == {"restored": ["N", 3, "2H", "2W"]}
    for size in ((44, 20), (45, 19)):
        x = torch.rand(1, 3, *size)
        [restored] = ran.run(None, {"lq": x.numpy()})
        torch.testing.assert_close(torch.from_numpy(restored), net(x), rtol=0, atol=1e-4)
