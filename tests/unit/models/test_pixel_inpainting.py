import numpy as np
import pytest
import torch

from facsimile.models.pixel_inpainting import PixelInpainting, extreme, filled


def speckled(share=0.1, size=32):
    """Smooth colours, some pixels black or white, and where those are."""
    torch.manual_seed(0)
    ramp = torch.linspace(0.2, 0.8, size)
    image = torch.stack(
        [ramp.expand(size, size), ramp.expand(size, size).T, ramp.flip(0).expand(size, size)]
    )
    broken = torch.rand(1, size, size) < share
    white = torch.rand(1, size, size) < 0.5
    return image[None], torch.where(broken, white.float(), image)[None], broken[None]


def test_broken_are_pixels_black_or_white_in_all_channels():
    image = (
        torch.tensor([[0, 0, 0], [255, 255, 255], [0, 255, 0], [1, 0, 0], [254, 255, 255]]) / 255
    )
    assert extreme(image.T[None, :, None]).flatten().tolist() == [True, True, False, False, False]


def test_the_guess_is_the_mean_of_the_sound_neighbours():
    _, noisy, broken = speckled()
    guess = filled(noisy, broken.float())[0].numpy()
    sound, values = ~broken[0, 0].numpy(), noisy[0].numpy()
    for y, x in np.argwhere(~sound):
        near = np.s_[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
        if sound[near].any():
            wanted = [channel[near][sound[near]].mean() for channel in values]
            np.testing.assert_allclose(guess[:, y, x], wanted, atol=1e-5)
    assert np.array_equal(guess[:, sound], values[:, sound])


def test_where_no_neighbour_is_sound_the_wider_window_speaks():
    image = torch.full((1, 3, 9, 9), 0.4)
    image[..., 2:7, 2:7] = 1
    assert float(filled(image, extreme(image).float())[0, 0, 3, 3]) == pytest.approx(0.4)


def test_a_wholly_white_image_stays():
    white = torch.ones(1, 3, 8, 8)
    assert torch.equal(filled(white, extreme(white).float()), white)


def test_sound_pixels_are_copied_whatever_the_net_says():
    _, noisy, broken = speckled()
    net = PixelInpainting(4)
    torch.nn.init.normal_(net.net[-1].bias, std=5.0)
    repaired, told = net(noisy)
    assert torch.equal(told.bool(), broken)
    sound = ~broken.expand_as(noisy)
    assert torch.equal(repaired[sound], noisy[sound])
    assert not torch.equal(repaired[~sound], noisy[~sound])


def test_a_new_net_already_repairs():
    clean, noisy, _ = speckled()
    error = (PixelInpainting()(noisy)[0] - clean).square().mean()
    assert error < 0.1 * (noisy - clean).square().mean()
