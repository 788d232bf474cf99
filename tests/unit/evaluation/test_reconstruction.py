import cv2
import numpy as np
import pandas as pd
import pytest

from facsimile.evaluation.reconstruction import reconstruct, swap_crops
from facsimile.evaluation.swap import Direction
from facsimile.media.image import write_image
from facsimile.metrics.psnr import psnr

LANDMARKS = np.arange(10, dtype=np.float32)


@pytest.fixture
def crops(tmp_path):
    rng = np.random.default_rng(0)
    rows = []
    for index, subject in enumerate(["ben", "anna", "anna", "ben", "anna"]):
        path = f"{subject}_{index}.png"
        write_image(tmp_path / path, rng.integers(0, 256, (32, 32, 3), np.uint8))
        rows.append({"path": path, "subject": subject, "crop_landmarks": LANDMARKS})
    return pd.DataFrame(rows)


def test_own_decoder_at_the_nets_size(crops, tmp_path):
    asked = []

    def decode(images, identity):
        asked.append((images.shape, identity))
        return np.clip(images.astype(np.float32) + 5, 0, 255) / np.float32(255)

    table = reconstruct(crops, tmp_path, 16, decode, {"anna": "src", "ben": "dst"})
    assert asked == [((3, 16, 16, 3), "src"), ((2, 16, 16, 3), "dst")]
    assert list(table["subject"]) == ["anna"] * 3 + ["ben"] * 2
    image = cv2.imread(str(tmp_path / table["path"][0]))[..., ::-1]
    small = cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA)
    expected = psnr(np.clip(small + np.float32(5), 0, 255), small)
    assert table["psnr"][0] == pytest.approx(expected, abs=1e-3)


def test_a_perfect_net_scores_one(crops, tmp_path):
    table = reconstruct(
        crops, tmp_path, 32, lambda x, _: x / np.float32(255), {"anna": "src", "ben": "dst"}
    )
    assert table["ssim"].min() > 0.9999
    assert table["psnr"].min() > 100


def test_the_targets_crops_are_decoded_as_the_source(crops, tmp_path):
    def decode(images, identity):
        assert identity == "dst"
        red = np.zeros(images.shape, np.float32)
        red[..., 0] = 1
        return red

    def embed(image, landmarks):
        assert np.array_equal(landmarks, LANDMARKS.reshape(5, 2))
        return image[0, 0, :2].astype(np.float32) / 255

    direction = Direction("ben", "anna", np.float32([1, 0]), np.float32([0.6, 0.8]))
    table = swap_crops(crops, tmp_path, decode, "dst", [embed, embed], direction)
    assert list(table["path"]) == ["anna_1.png", "anna_2.png", "anna_4.png"]
    assert list(table["identity_source"]) == pytest.approx([1] * 3)
    assert list(table["identity_target"]) == pytest.approx([0.6] * 3)
