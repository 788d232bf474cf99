import numpy as np
import pytest
from jaxtyping import TypeCheckError
from skimage.metrics import structural_similarity

from facsimile.metrics.ssim import ssim


def oracle(preds, target, data_range):
    axis = 2 if preds.ndim == 3 else None
    _, similarity = structural_similarity(
        target.astype(np.float64),
        preds.astype(np.float64),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=data_range,
        channel_axis=axis,
        full=True,
    )
    return similarity[5:-5, 5:-5].mean()


def noisy_pair(shape, noise, seed=0):
    rng = np.random.default_rng(seed)
    ramp = np.indices(shape)[0] * 200 // shape[0]
    target = (ramp + rng.integers(0, 40, shape)).astype(np.uint8)
    preds = np.clip(target + rng.normal(0, noise, shape), 0, 255).round().astype(np.uint8)
    return preds, target


@pytest.mark.parametrize("shape", [(64, 48, 3), (11, 11, 3), (33, 57), (288, 360, 3), (20, 21, 1)])
@pytest.mark.parametrize("noise", [0.7, 5, 40])
def test_equals_skimage_with_wangs_settings(shape, noise):
    preds, target = noisy_pair(shape, noise)
    assert ssim(preds, target) == pytest.approx(oracle(preds, target, 255), abs=1e-6)


def test_float_images_with_their_own_range_give_the_same():
    preds, target = noisy_pair((64, 48, 3), 10)
    scaled = ssim(preds / np.float32(255), target / np.float32(255), data_range=1.0)
    assert scaled == pytest.approx(ssim(preds, target), abs=1e-6)


def test_saturated_flat_images_stay_exact():
    target = np.full((32, 32, 3), 255, np.uint8)
    preds = target.copy()
    preds[::2] = 254
    assert ssim(preds, target) == pytest.approx(oracle(preds, target, 255), abs=1e-6)
    assert ssim(target, target) == 1.0


@pytest.mark.parametrize("shapes", [((10, 40, 3), (10, 40, 3)), ((40, 40, 3), (40, 41, 3))])
def test_unusable_shapes_are_refused(shapes):
    with pytest.raises((ValueError, TypeCheckError)):
        ssim(*(np.zeros(shape, np.uint8) for shape in shapes))
