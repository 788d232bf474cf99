"""How fast a 1080p clip is measured, beside decoding it alone, and SSIM and PSNR beside skimage."""

from itertools import islice
from statistics import median
from time import perf_counter

import cv2
import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from tests.tiny_recipes import CONF

from facsimile.cores import usable_cores
from facsimile.evaluation.measure_items import Item
from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import ssim
from facsimile.pipelines import measure
from facsimile.pipelines.measure_work import Work

FRAMES, ROUNDS, WIDTH, HEIGHT = 40, 3, 1920, 1080


@pytest.fixture(scope="module")
def clips(sample_root, tmp_path_factory):
    """The first frames of a clip, enlarged, and the same compressed harder."""
    source, folder = sample_root / "clips/wolfgang_langer.mp4", tmp_path_factory.mktemp("clip")
    frames = [
        cv2.resize(frame.image, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        for frame in islice(read_frames(source), FRAMES)
    ]
    for crf in (18, 38):
        path = folder / f"{crf}.mp4"
        with VideoWriter(path, WIDTH, HEIGHT, probe(source).frame_rate, crf=crf) as writer:
            for image in frames:
                writer.write(image)
    return folder / "18.mp4", folder / "38.mp4"


@pytest.fixture
def eyes(models_root):
    """Those of each way to measure."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        seeing = compose("config", [f"paths.models={models_root}"])
        blind = compose("config", ["measure.faces=false"])
    return {"measure": measure._eyes(seeing), "without faces": measure._eyes(blind)}


def timed(work):
    start = perf_counter()
    work()
    return perf_counter() - start


def decode(clips):
    for path in clips:
        assert sum(1 for _ in read_frames(path)) == FRAMES


def measured(clips, eyes):
    table, _ = measure._measured(Work([Item("a", *clips)], {}, "none", "auto"), eyes)
    assert len(table) == FRAMES


@pytest.mark.benchmark
@pytest.mark.sample
def test_a_clip_is_measured(clips, eyes):
    ways = {"decode both": lambda: decode(clips)}
    ways |= {name: lambda those=those: measured(clips, those) for name, those in eyes.items()}
    times = {name: [] for name in ways}
    for _ in range(ROUNDS):  # by turns, so that a busy machine slows all
        for name, way in ways.items():
            times[name].append(timed(way))
    print(f"\n{usable_cores()} cores, {WIDTH}x{HEIGHT}")
    for name, seconds in times.items():
        pairs = zip(seconds, times["decode both"], strict=True)
        ratio = median(mine / alone for mine, alone in pairs)
        print(f"{name:14s} {FRAMES / median(seconds):6.1f} frames/s, {ratio:5.1f} x decoding both")


@pytest.mark.benchmark
@pytest.mark.sample
def test_ssim_and_psnr_are_four_times_as_fast_as_skimages(clips):
    readers = zip(*(islice(read_frames(path), 0, FRAMES, 10) for path in clips), strict=True)
    pairs = [(other.image, one.image) for one, other in readers]
    times = {"facsimile": [], "skimage": []}
    for _ in range(ROUNDS):
        for preds, target in pairs:
            times["facsimile"].append(timed(lambda p=preds, t=target: (ssim(p, t), psnr(p, t))))
            times["skimage"].append(timed(lambda p=preds, t=target: skimages(p, t)))
    ratios = [slow / fast for fast, slow in zip(*times.values(), strict=True)]
    for name, seconds in times.items():
        print(f"\n{name:10s} SSIM (RGB) and PSNR {median(seconds):.3f} s a frame", end="")
    print(f", {median(ratios):.1f} times as fast")
    for preds, target in pairs[:1]:
        assert (ssim(preds, target), psnr(preds, target)) == pytest.approx(
            skimages(preds, target), abs=1e-6
        )
    assert median(ratios) >= 4


def skimages(preds, target):
    """Both of scikit-image, with Wang's settings, on the windows within the image."""
    _, similarity = structural_similarity(
        target,
        preds,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
        channel_axis=2,
        full=True,
    )
    value = float(np.mean(similarity[5:-5, 5:-5]))
    return value, peak_signal_noise_ratio(target, preds)
