from itertools import islice

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from tests.skimage_ssim import skimage_map

from facsimile.media.image import read_image
from facsimile.media.video import read_frames
from facsimile.metrics.ssim import SSIM, ssim, ssim_map, structure_map, windows_within


def oracle(preds, target, data_range):
    return skimage_map(preds, target, data_range).mean()


def noisy_pair(shape, noise, seed=0):
    rng = np.random.default_rng(seed)
    ramp = np.indices(shape)[0] * 200 // shape[0]
    target = (ramp + rng.integers(0, 40, shape)).astype(np.uint8)
    preds = np.clip(target + rng.normal(0, noise, shape), 0, 255).round().astype(np.uint8)
    return preds, target


SHAPES = [(64, 48, 3), (11, 11, 3), (33, 57), (288, 360, 3), (20, 21, 1), (700, 640)]


@pytest.mark.parametrize("shape", SHAPES)
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


def test_a_map_made_in_strips_has_no_seams():
    preds, target = noisy_pair((600, 640, 3), 20)  # several strips
    expected = skimage_map(preds, target)
    assert np.abs(ssim_map(preds, target) - expected).max() < 1e-4
    # the definition with its first constant so large that luminance is 1
    structure = skimage_map(preds, target, K1=1e9)
    assert np.abs(structure_map(preds, target) - structure).max() < 1e-4


def test_a_region_counts_only_the_windows_within_it():
    preds, target = noisy_pair((60, 70, 3), 20)
    where = np.ones((60, 70), bool)
    where[20:40, 10:50] = False
    expected = skimage_map(preds, target)
    inside = np.array([[where[y : y + 11, x : x + 11].all() for x in range(60)] for y in range(50)])
    assert np.array_equal(windows_within(where).astype(bool), inside)
    assert ssim(preds, target, where=where) == pytest.approx(expected[inside].mean(), abs=1e-6)
    changed = preds.copy()
    changed[20:40, 10:50] = 0
    assert ssim(changed, target, where=where) == ssim(preds, target, where=where)


def test_a_region_is_what_its_picture_alone_would_be():
    preds, target = noisy_pair((60, 70, 3), 20)
    where = np.zeros((60, 70), bool)
    where[5:45, 8:40] = True
    alone = ssim(preds[5:45, 8:40], target[5:45, 8:40])
    assert ssim(preds, target, where=where) == pytest.approx(alone, abs=1e-7)
    where[15:] = False  # too low for a window
    assert np.isnan(ssim(preds, target, where=where))


def test_real_faces(sample_root):
    faces = sorted((sample_root / "orl").glob("**/*.*"))[:12]
    images = [read_image(path) for path in faces]
    for preds, target in zip(images[1:], images[:-1], strict=True):
        assert ssim(preds, target) == pytest.approx(oracle(preds, target, 255), abs=1e-6)


def test_real_frames(sample_root):
    frames = [f.image for f in islice(read_frames(sample_root / "clips/franck.mp4"), 0, 30, 10)]
    for preds, target in zip(frames[1:], frames[:-1], strict=True):
        assert ssim(preds, target) == pytest.approx(oracle(preds, target, 255), abs=1e-6)
        grey = preds[..., 1], target[..., 1]
        assert ssim(*grey) == pytest.approx(oracle(*grey, 255), abs=1e-6)


def batches(preds, target):
    """The pairs of an array as batches of two sizes, channels first."""
    tensors = [torch.from_numpy(np.moveaxis(images, -1, 1).copy()) for images in (preds, target)]
    return [[images[part] for images in tensors] for part in (slice(0, 1), slice(1, None))]


@pytest.mark.parametrize("kind", ["uint8", "float32", "float64", "bfloat16"])
def test_the_class_is_the_mean_over_images(kind):
    rng = np.random.default_rng(2)
    target = rng.integers(0, 256, (4, 24, 32, 3), np.uint8)
    preds = np.clip(target + rng.normal(0, 20, target.shape), 0, 255).astype(np.uint8)
    metric = SSIM()
    for one, other in batches(preds, target):
        if kind != "uint8":
            one, other = ((images / 255).to(getattr(torch, kind)) for images in (one, other))
        metric.update(one, other)
    expected = np.mean([oracle(*pair, 255) for pair in zip(preds, target, strict=True)])
    near = 2e-3 if kind == "bfloat16" else 1e-6
    assert float(metric.compute()) == pytest.approx(expected, abs=near)
    metric.reset()
    metric.update(*torch.zeros(2, 0, 3, 16, 16))
    assert np.isnan(float(metric.compute()))


def test_sixteen_bits_need_a_range():
    images = torch.zeros(1, 3, 16, 16, dtype=torch.int32)
    with pytest.raises(ValueError, match="data_range"):
        SSIM().update(images, images)
    metric = SSIM(data_range=1023.0)
    metric.update(images, images)
    assert float(metric.compute()) == 1.0
