import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from facsimile.degradations.h264 import H264


@pytest.fixture
def picture():
    rng = np.random.default_rng(3)
    layers = [gaussian_filter(rng.normal(size=(96, 128, 3)), (s, s, 0)) * s for s in (1, 2, 5)]
    return np.clip(128 + 70 * np.sum(layers, axis=0), 0, 255).astype(np.uint8)


def psnr(preds, target):
    return 10 * np.log10(255**2 / np.mean((preds.astype(float) - target) ** 2))


def by_ffmpeg(image, crf, tmp_path):
    """The image as a video of one frame, by the ffmpeg program."""
    ffmpeg, file = imageio_ffmpeg.get_ffmpeg_exe(), str(tmp_path / "one.mkv")
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    size = f"{image.shape[1]}x{image.shape[0]}"
    coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", str(crf), file]
    quiet = [ffmpeg, "-v", "error"]
    subprocess.run([*quiet, *raw, "-s", size, "-i", "-", *coded], input=image.tobytes(), check=True)
    done = subprocess.run([*quiet, "-i", file, *raw, "-"], capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(image.shape)


@pytest.mark.parametrize("crf", [20, 30, 40])
def test_one_frame_loses_what_ffmpeg_loses(picture, crf, tmp_path):
    coded = H264(crf, frames=1)(picture, np.random.default_rng(0))
    theirs = by_ffmpeg(picture, crf, tmp_path)
    assert psnr(coded, picture) == pytest.approx(psnr(theirs, picture), abs=0.5)
    assert psnr(coded, theirs) > psnr(theirs, picture) + 2


def test_the_last_of_several_frames_is_the_image_and_is_predicted(picture):
    alone = H264(32, frames=1)(picture, np.random.default_rng(0))
    moving = H264(32, frames=4, speed=2)(picture, np.random.default_rng(0))
    assert not np.array_equal(alone, moving)
    shifted = [np.roll(picture, move, (0, 1)) for move in [(2, 0), (-2, 0), (0, 2), (0, -2)]]
    assert psnr(moving, picture) > max(psnr(moving, other) for other in shifted) + 3
    assert psnr(moving, picture) > psnr(alone, picture) - 2


@pytest.mark.parametrize("size", [(95, 128), (96, 127), (33, 21)])
def test_odd_sizes_lose_no_more(picture, size):
    odd = np.ascontiguousarray(picture[: size[0], : size[1]])
    coded = H264(24, frames=2)(odd, np.random.default_rng(0))
    assert coded.shape == odd.shape
    assert (
        psnr(coded, odd) > psnr(H264(24, frames=2)(picture, np.random.default_rng(0)), picture) - 2
    )


def test_the_same_draw_gives_the_same_bytes(picture):
    degrade = H264([20, 40])
    coded = {degrade(picture, np.random.default_rng(5)).tobytes() for _ in range(10)}
    assert len(coded) == 1


def test_colours_stay(picture):
    flat = np.full((32, 32, 3), (180, 120, 90), np.uint8)
    coded = H264(20, frames=1)(flat, np.random.default_rng(0)).astype(int)
    assert np.abs(coded - flat).max() <= 3
