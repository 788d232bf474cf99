import numpy as np
import pytest
import torch
from scipy.ndimage import correlate

from facsimile.models.frequency_net import FrequencyNet, residuals, ring_spectrum


@pytest.fixture
def faces():
    return torch.rand(2, 3, 32, 40, generator=torch.Generator().manual_seed(0))


def test_residuals_are_what_scipy_filters(faces):
    net = FrequencyNet(width=4)
    seen = residuals(faces, net.filters).numpy()
    for colour in range(3):
        for place, kernel in enumerate(net.filters[:, 0].numpy()):
            plane = 255 * faces[1, colour].numpy()
            wanted = np.clip(correlate(plane, kernel, mode="nearest"), -2, 2) / 2
            np.testing.assert_allclose(seen[1, 3 * colour + place], wanted, atol=1e-3)


def test_filters_see_no_brightness_and_no_slope():
    ramp = torch.linspace(0.2, 0.8, 48).expand(1, 3, 48, 48)
    inside = residuals(ramp, FrequencyNet(width=4).filters)[..., 4:-4, 4:-4]
    assert inside.abs().max() < 1e-3


def test_a_wave_is_in_the_ring_of_its_frequency():
    rings, cycles = 16, 20  # of 64 pixels: .3125 of at most .5, the ring from .3125 to .34375
    wave = (0.5 + 0.3 * torch.sin(2 * torch.pi * cycles * torch.arange(64) / 64)).expand(
        1, 3, 64, 64
    )
    spectrum = ring_spectrum(wave, rings)
    assert spectrum.argmax() in (9, 10)
    assert spectrum.mean().abs() < 1e-5


def test_the_spectrum_knows_no_contrast_and_no_place(faces):
    spectrum = ring_spectrum(faces, 12)
    fainter = ring_spectrum(0.4 + 0.2 * faces, 12)
    torch.testing.assert_close(spectrum, fainter, atol=1e-3, rtol=0)


def test_both_views_decide():
    torch.manual_seed(0)
    net = FrequencyNet(width=4).eval()
    faces = torch.rand(1, 3, 48, 48, requires_grad=True)
    net(faces).sum().backward()
    weights = net.head[1].weight.abs().sum(0)
    assert (weights[: 4 * 2**3] > 0).all() and (weights[4 * 2**3 :] > 0).all()
    assert faces.grad.abs().sum() > 0


def test_any_size_gives_a_logit_a_face():
    net = FrequencyNet(width=4).eval()
    for size in ((16, 16), (128, 96)):
        assert net(torch.rand(2, 3, *size)).shape == (2,)


@pytest.mark.parametrize("wrong", [{"stages": 0}, {"rings": 1}])
def test_what_cannot_be_built_is_refused(wrong):
    with pytest.raises(ValueError, match="must be at least 1, rings="):
        FrequencyNet(**wrong)
