"""A clip and its recompressions: falling curves, and the same figures as FFmpeg's own filters."""

import json
import re
import subprocess

import av
import imageio_ffmpeg
import numpy as np
import pandas as pd
import pytest

from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import ssim
from facsimile.pipelines.cli import main

pytestmark = [pytest.mark.sample, pytest.mark.long]

FRAMES = 15
CRFS = (18, 28, 38, 48)
# of grey levels that span 0..255 to those of video, which span 16..235
LEVELS = 20 * np.log10(255 / 219)


@pytest.fixture(scope="module")
def clips(sample_root, tmp_path_factory):
    """A second of a clip without loss, and recompressed at each CRF."""
    folder = tmp_path_factory.mktemp("crf")
    source = sample_root / "clips/wolfgang_langer.mp4"
    ffmpeg(source, folder / "reference.mp4", "-frames:v", str(FRAMES), "-qp", "0")
    for crf in CRFS:
        ffmpeg(folder / "reference.mp4", folder / f"{crf}.mp4", "-crf", str(crf))
    return folder


def ffmpeg(source, path, *options):
    how = ["-an", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", *options]
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(source)]
    subprocess.run([*program, *how, str(path)], check=True)


@pytest.fixture(scope="module")
def tables(clips):
    """What `measure` made of each recompression: measure.json and the frames."""
    found = {}
    for crf in CRFS:
        where = [f"reference={clips}/reference.mp4", f"distorted={clips}/{crf}.mp4"]
        assert (
            main(["measure", *where, f"output={clips}/out{crf}", "measure.identity_every=8"]) == 0
        )
        metrics = json.loads((clips / f"out{crf}/measure.json").read_text())
        found[crf] = metrics, pd.read_parquet(clips / f"out{crf}/frames.parquet")
    return found


def filtered(kind, distorted, reference, stats):
    """The columns of FFmpeg's ssim or psnr filter, a row a frame, through PyAV's filter graph."""
    with av.open(str(distorted)) as one, av.open(str(reference)) as other:
        graph = av.filter.Graph()
        buffers = [graph.add_buffer(template=file.streams.video[0]) for file in (one, other)]
        compare, sink = graph.add(kind, f"stats_file={stats}"), graph.add("buffersink")
        for place, buffer in enumerate(buffers):
            buffer.link_to(compare, 0, place)
        compare.link_to(sink)
        graph.configure()
        for frames in zip(one.decode(video=0), other.decode(video=0), strict=True):
            for buffer, frame in zip(buffers, frames, strict=True):
                buffer.push(frame)
        for buffer in buffers:
            buffer.push(None)
        with pytest.raises(av.EOFError):
            while True:
                sink.pull()
        del graph, buffers, compare, sink
    lines = stats.read_text().splitlines()
    return pd.DataFrame([dict(re.findall(r"(\w+):([\d.]+)", line)) for line in lines]).astype(float)


def luma(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray()[: frame.height] for frame in container.decode(video=0)]


def test_the_curves_fall_with_quality(tables):
    falling = ("ssim_rgb", "ssim_grey", "ms_ssim", "psnr", "pixel_cosine")
    for region in ("frame", "face", "background"):
        for name in falling:
            values = [tables[crf][0][f"{region}/{name}/mean"] for crf in CRFS]
            if None not in values:
                assert values == sorted(values, reverse=True), (region, name)
        sharp = [tables[crf][0][f"{region}/sharpness_ratio"] for crf in CRFS]
        assert sharp == sorted(sharp, reverse=True) and sharp[0] < 1.05
    identity = [tables[crf][0]["face/identity_cosine/mean"] for crf in CRFS]
    assert identity == sorted(identity, reverse=True) and identity[0] > 0.9


@pytest.mark.parametrize("crf", CRFS)
def test_psnr_is_ffmpegs_but_for_the_levels_of_video(clips, tables, tmp_path, crf):
    stats = filtered("psnr", clips / f"{crf}.mp4", clips / "reference.mp4", tmp_path / "psnr")
    planes = zip(luma(clips / f"{crf}.mp4"), luma(clips / "reference.mp4"), strict=True)
    # on the plane that FFmpeg measures it is the same number, which it writes with two digits
    assert [psnr(*pair) for pair in planes] == pytest.approx(stats["psnr_y"].tolist(), abs=0.006)
    ours = tables[crf][1]["frame/psnr"]
    assert len(ours) == len(stats) == FRAMES
    difference = stats["psnr_y"] - ours
    print(f"CRF {crf}: PSNR RGB {ours.mean():.2f} dB, FFmpeg Y {stats['psnr_y'].mean():.2f}")
    assert difference.min() > 0 and difference.max() < LEVELS + 3


@pytest.mark.parametrize("crf", CRFS)
def test_ssim_is_ffmpegs_but_for_its_window(clips, tables, tmp_path, crf):
    stats = filtered("ssim", clips / f"{crf}.mp4", clips / "reference.mp4", tmp_path / "ssim")
    planes = zip(luma(clips / f"{crf}.mp4"), luma(clips / "reference.mp4"), strict=True)
    on_luma, blocks = [], []
    for preds, target in planes:
        on_luma.append(ssim(preds, target))
        blocks.append(ffmpeg_ssim(preds.astype(np.float64), target.astype(np.float64)))
    grey, theirs = tables[crf][1]["frame/ssim_grey"], stats["Y"]
    print(
        f"CRF {crf}: SSIM grey {grey.mean():.4f}, on FFmpeg's plane {np.mean(on_luma):.4f}, "
        f"FFmpeg Y {theirs.mean():.4f}"
    )
    # Wang's formula with FFmpeg's window is FFmpeg's number: nothing else stands between them
    assert blocks == pytest.approx(theirs.tolist(), abs=2e-5)
    assert np.abs(on_luma - theirs).max() < 0.04 and np.abs(grey - theirs).max() < 0.04


def ffmpeg_ssim(preds, target):
    """Blocks of 8x8 pixels, one every four, all of one weight, with the sample covariance."""

    def sums(image):
        cells = image[: image.shape[0] // 4 * 4, : image.shape[1] // 4 * 4]
        cells = cells.reshape(image.shape[0] // 4, 4, image.shape[1] // 4, 4).sum((1, 3))
        return cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]

    one, other = sums(preds), sums(target)
    variances = 64 * (sums(preds**2) + sums(target**2)) - one**2 - other**2
    covariance = 64 * sums(preds * target) - one * other
    c1, c2 = (0.01 * 255) ** 2 * 64 * 64, (0.03 * 255) ** 2 * 64 * 63
    luminance = (2 * one * other + c1) / (one**2 + other**2 + c1)
    return (luminance * (2 * covariance + c2) / (variances + c2)).mean()


def test_frames_are_ranked_as_by_ffmpeg(clips, tables, tmp_path):
    ours, theirs = [], []
    for crf in CRFS:
        distorted, reference = clips / f"{crf}.mp4", clips / "reference.mp4"
        theirs.append(filtered("ssim", distorted, reference, tmp_path / str(crf))["Y"])
        ours.append(tables[crf][1]["frame/ssim_grey"])
    assert pd.concat(ours).corr(pd.concat(theirs), method="spearman") > 0.98
