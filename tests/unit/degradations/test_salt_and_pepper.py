import numpy as np
import pytest

from facsimile.degradations.salt_and_pepper import SaltAndPepper


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_each_channel_is_hit_on_its_own(image, dtype):
    image = image if dtype == np.uint8 else (image / 255).astype(dtype)
    noisy = SaltAndPepper(0.1, per_channel=True)(image, np.random.default_rng(0))
    hit = noisy != image
    assert hit.mean() == pytest.approx(0.1, abs=0.001)
    values, counts = np.unique(noisy[hit], return_counts=True)
    assert values.tolist() == [0, 255 if dtype == np.uint8 else 1]
    assert counts[0] == pytest.approx(counts[1], abs=1)
    assert hit.mean(axis=(0, 1)) == pytest.approx([0.1] * 3, abs=0.02)
    # independent: two given channels of a pixel are hit together as often as chance has it
    assert (hit[..., 0] & hit[..., 1]).mean() == pytest.approx(0.01, abs=0.006)
