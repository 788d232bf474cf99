import copy

import numpy as np
import pytest
import torch
from torch import nn

from facsimile.inference.swap import AutoencoderSwapper, StillSwapper
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.models.liae_autoencoder import LIAEAutoencoder


class Tinted(nn.Module):
    """Gives back its input times a colour of the identity, and its red as the mask."""

    def __init__(self, masks: bool = False) -> None:
        super().__init__()
        self.masks = masks

    def forward(self, x, identity):
        assert x.shape[1:] == (3, 16, 16)
        assert x.is_contiguous(memory_format=torch.channels_last)
        colour = torch.tensor({"src": [1.0, 0.0, 0.0], "dst": [0.0, 1.0, 0.0]}[identity])
        return x * colour[:, None, None], x[:, :1] if self.masks else None


@pytest.fixture
def crops() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)


@pytest.mark.parametrize(("identity", "channel"), [("src", 0), ("dst", 1)])
def test_decodes_with_the_identity_asked_for(crops, identity, channel):
    faces, masks = AutoencoderSwapper(Tinted(), identity, 16)(crops)
    assert masks is None
    assert faces.dtype == np.float32
    np.testing.assert_allclose(faces[..., channel], crops[..., channel] / 255, atol=1e-6)
    assert np.delete(faces, channel, axis=-1).max() == 0


def test_learned_masks_come_along(crops):
    faces, masks = AutoencoderSwapper(Tinted(masks=True), "src", 16)(crops)
    assert masks.shape == (3, 16, 16)
    np.testing.assert_allclose(masks, crops[..., 0] / 255, atol=1e-6)
    np.testing.assert_allclose(masks, faces[..., 0], atol=1e-6)


def test_larger_crops_are_reduced_and_faces_enlarged_in_place(crops):
    large = crops.repeat(2, axis=1).repeat(2, axis=2)
    seen = []

    class Watching(Tinted):
        def forward(self, x, identity):
            seen.append(x)
            return super().forward(x, identity)

    faces, masks = AutoencoderSwapper(Watching(masks=True), "src", 16)(large)
    np.testing.assert_allclose(seen[0].permute(0, 2, 3, 1), crops / 255, atol=0.003)
    assert faces.shape == (3, 32, 32, 3)
    assert masks.shape == (3, 32, 32)
    # a smooth picture comes back where it was, not half a pixel beside
    ramp = np.tile(np.arange(32, dtype=np.uint8)[None, None, :, None] * 8, (1, 32, 1, 3))
    back, _ = AutoencoderSwapper(Watching(), "src", 16)(ramp)
    np.testing.assert_allclose(back[0, 16, 4:-4, 0], ramp[0, 16, 4:-4, 0] / 255, atol=0.01)


def test_mixed_precision_gives_nearly_the_same(crops):
    class Product(nn.Module):
        def forward(self, x, identity):
            return (x.flatten(2) @ torch.eye(256)).unflatten(2, (16, 16)), None

    exact, _ = AutoencoderSwapper(Product(), "src", 16)(crops)
    mixed, _ = AutoencoderSwapper(Product(), "src", 16, torch.bfloat16)(crops)
    assert mixed.dtype == np.float32
    assert 0 < np.abs(exact - mixed).max() < 0.01


def test_still_repeats_one_face(crops):
    faces, masks = StillSwapper(crops[0])(crops)
    assert masks is None
    assert faces.shape == crops.shape
    for face in faces:
        np.testing.assert_allclose(face, crops[0] / 255, atol=1e-6)


SIZES = {"resolution": 32, "encoder_dim": 4, "code_dim": 16, "inter_dim": 8, "mask_dim": 2}


@pytest.mark.parametrize("kind", [DFAutoencoder, LIAEAutoencoder])
def test_both_families_put_a_face_where_the_other_was(kind):
    torch.manual_seed(0)
    net = kind(**SIZES, decoder_dims=(8, 6, 4)).eval()
    crops = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    x = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255
    results = {}
    for identity in ("src", "dst"):
        faces, masks = AutoencoderSwapper(net, identity, 32)(crops)
        with torch.no_grad():
            image, mask = net.decode(net.encode(x), identity)
        np.testing.assert_allclose(faces, image.permute(0, 2, 3, 1), atol=1e-5)
        np.testing.assert_allclose(masks, mask[:, 0], atol=1e-5)
        results[identity] = faces
    assert np.abs(results["src"] - results["dst"]).max() > 1e-3


def test_liae_brings_src_by_the_shared_code_alone():
    """DeepFaceLab's src_dst: AB beside AB; B, which saw dst only, has no say."""
    torch.manual_seed(0)
    net = LIAEAutoencoder(**SIZES, decoder_dims=(8, 6, 4)).eval()
    crops = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), np.uint8)
    before = {who: AutoencoderSwapper(net, who, 32)(crops)[0] for who in ("src", "dst")}
    with torch.no_grad():
        for weight in net.inter_b.parameters():
            weight.mul_(3)
    np.testing.assert_array_equal(AutoencoderSwapper(net, "src", 32)(crops)[0], before["src"])
    assert np.abs(AutoencoderSwapper(net, "dst", 32)(crops)[0] - before["dst"]).max() > 1e-4


@pytest.mark.parametrize("family", [DFAutoencoder, LIAEAutoencoder])
def test_activations_in_place_change_no_bit(family, crops):
    net = family(32, 4, 16, 16, (16, 8, 8, 4), mask_dim=2, double_resolution=True, deep=True)
    x = torch.from_numpy(crops.repeat(2, 1).repeat(2, 2)).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        plain = copy.deepcopy(net).to(memory_format=torch.channels_last)
        image, mask = plain(x.contiguous(memory_format=torch.channels_last), "src")
    faces, masks = AutoencoderSwapper(net, "src", 32)(crops.repeat(2, 1).repeat(2, 2))
    assert all(one.inplace for one in net.modules() if isinstance(one, nn.LeakyReLU))
    np.testing.assert_array_equal(faces, image.permute(0, 2, 3, 1).numpy())
    np.testing.assert_array_equal(masks, mask[:, 0].numpy())
