import numpy as np
import pytest
import torch
from tests.tiny_nets import tiny_net

from facsimile.errors import UserError
from facsimile.inference.mask_net import MaskNet
from facsimile.inference.swap import AutoencoderSwapper
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.models.liae_autoencoder import LIAEAutoencoder

SIZES = {"resolution": 32, "encoder_dim": 4, "code_dim": 16, "inter_dim": 8}
SIZES |= {"decoder_dims": [8, 6, 4]}


def save(path, family=DFAutoencoder, mask_dim=2, **changes):
    net = tiny_net(family, mask_dim=mask_dim)
    target = f"{family.__module__}.{family.__qualname__}"
    meta = {"net": {"_target_": target, **SIZES, "mask_dim": mask_dim}, "task": "swap"}
    weights = {f"net.{key}": value for key, value in net.state_dict().items()}
    torch.save({"state_dict": weights, "facsimile": meta | {"coverage": 1.35} | changes}, path)
    return net


@pytest.mark.parametrize("family", [DFAutoencoder, LIAEAutoencoder])
@pytest.mark.parametrize("identity", ["src", "dst"])
def test_gives_the_masks_of_the_nets_own_decoders(tmp_path, family, identity):
    net = save(tmp_path / "a.ckpt", family)
    crop = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    mask = MaskNet(tmp_path / "a.ckpt", 1.35)(crop, identity)
    _, [expected] = AutoencoderSwapper(net, identity, 32)(crop[None])
    assert mask.shape == (64, 64) and mask.dtype == np.float32
    assert mask.min() >= 0 and mask.max() <= 1 and mask.std() > 0
    assert np.array_equal(mask, expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mask_dim": None}, "no mask decoders"),
        ({"task": "enhancement"}, "is a checkpoint of task enhancement"),
        ({"coverage": 2.13}, "coverage 2.13, these have 1.35"),
        ({"pretrain": True}, "gives nobody's"),
    ],
)
def test_a_checkpoint_that_cannot_say_is_refused(tmp_path, changes, message):
    save(tmp_path / "a.ckpt", **changes)
    with pytest.raises(UserError, match=message):
        MaskNet(tmp_path / "a.ckpt", 1.35)(np.zeros((32, 32, 3), np.uint8), "src")


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.ckpt"):
        MaskNet(tmp_path / "none.ckpt", 1.35)(np.zeros((32, 32, 3), np.uint8), "src")


def test_without_a_checkpoint_the_setting_is_named():
    with pytest.raises(UserError, match=r"task\.data_module\.mask\.net\.checkpoint=FILE"):
        MaskNet(None, 1.35)
