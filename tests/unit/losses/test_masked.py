import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from facsimile.errors import UserError
from facsimile.losses.masked import blurred_mask, mask_out


def box(size=64):
    mask = torch.zeros(1, 1, size, size)
    mask[..., 16:48, 20:44] = 1
    return mask


def test_blur_agrees_with_scipy():
    expected = gaussian_filter(box()[0, 0].double().numpy(), 2.0, mode="reflect", truncate=3.0)
    ours = blurred_mask(box())[0, 0].numpy()
    np.testing.assert_allclose(ours, np.clip(2 * expected, 0, 1), atol=1e-5)


def test_edge_lies_outside_the_mask():
    mask = blurred_mask(box())[0, 0]
    assert (mask[18:46, 22:42] == 1).all() and (mask[:8] == 0).all()
    assert 0 < mask[14, 32] < 1


def test_both_pictures_lose_what_is_outside_and_keep_their_masks():
    preds = torch.rand(2, 4, 64, 64)
    target = torch.cat([torch.rand(2, 3, 64, 64), box().expand(2, -1, -1, -1)], dim=1)
    ours, theirs = mask_out(preds, target)
    for before, after in ((preds, ours), (target, theirs)):
        assert torch.equal(after[:, 3:], before[:, 3:])
        assert torch.equal(after[:, :3, 20:40, 24:40], before[:, :3, 20:40, 24:40])
        assert not after[:, :3, :8].any()


def test_faces_without_masks_are_refused():
    with pytest.raises(UserError, match="masks"):
        mask_out(torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64))
