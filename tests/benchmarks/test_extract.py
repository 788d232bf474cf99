"""What aligning, measuring and writing faces cost beside decoding and detecting alone."""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from statistics import median
from threading import local
from time import perf_counter

import cv2
import pytest

from facsimile.cores import usable_cores
from facsimile.data import jobs
from facsimile.data.batching import Batch
from facsimile.data.jobs import Job, Settings, extract_batch
from facsimile.data.records import Clip
from facsimile.faces.yunet import YuNet
from facsimile.media.video import VideoWriter, probe, read_frames

FRAMES = {288: 200, 1080: 60}
ROUNDS = 5


@pytest.fixture(scope="module", params=FRAMES, ids=lambda height: f"{height}p")
def clip(request, sample_root, tmp_path_factory):
    """The first seconds of franck, as they are or enlarged."""
    height, source = request.param, sample_root / "clips/franck.mp4"
    width = round(height * 360 / 288)
    path = tmp_path_factory.mktemp("clip") / "franck.mp4"
    with VideoWriter(path, width, height, probe(source).frame_rate, crf=23) as writer:
        for frame in islice(read_frames(source), FRAMES[height]):
            writer.write(cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_CUBIC))
    return path


@pytest.fixture(autouse=True)
def one_thread_for_opencv():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.fixture(params=sorted({1, usable_cores()}))
def threads(request):
    """As many as there are cores, and no more cores than threads: also decoding takes one."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[-request.param :])
    yield request.param
    os.sched_setaffinity(0, cores)


@pytest.fixture(scope="module")
def rates():
    """Frames a second by way, of each number of threads of one clip."""
    return {}


@pytest.mark.benchmark
@pytest.mark.sample
def test_extraction_is_nearly_as_fast_as_decoding_and_detecting(
    clip, models_root, tmp_path, threads, rates
):
    make = partial(YuNet, models_root / "face_detection_yunet_2023mar_int8bq.onnx")
    ways = {
        "decode": lambda _: _decode(clip),
        "decode + detect": lambda _: _decode_and_detect(clip, make, threads),
        "extract": lambda name: _extract(clip, make, threads, tmp_path / name),
        "extract to a tar": lambda name: _extract(
            clip, make, threads, tmp_path / name, shards=True
        ),
        "every 5th": lambda name: _extract(clip, make, threads, tmp_path / name, every=5),
        "every 5th, tar": lambda name: _extract(
            clip, make, threads, tmp_path / name, every=5, shards=True
        ),
    }
    times = {name: [] for name in ways}
    for number in range(ROUNDS):  # by turns, so that a busy machine slows all
        for name, way in ways.items():
            times[name].append(way(f"{name}{number}"))
    frames = probe(clip).frames
    print(f"\n{threads} cores, {clip.parent.name}")
    for name, seconds in times.items():
        print(
            f"{name:17s} {frames / median(seconds):6.0f} frames/s, "
            f"{_ratio(times, 'decode + detect', name):.2f} of decode + detect, "
            f"{_ratio(times, 'extract', name):.2f} of extract"
        )
    rates[clip, threads] = {name: frames / median(seconds) for name, seconds in times.items()}
    if (clip, 1) in rates and threads > 1:
        gains = {name: rates[clip, threads][name] / rates[clip, 1][name] for name in times}
        print("gain by more cores: " + ", ".join(f"{k} {gain:.2f}" for k, gain in gains.items()))
        assert gains["extract to a tar"] >= 0.85 * gains["decode + detect"]  # the goal is 0.9
    if threads == 1:
        # the goal is 0.75; what a file system takes for a new file is none of ours. Following faces
        # is 2.5 times as fast as detecting (test_tracking); decoding and cropping stay
        assert _ratio(times, "decode + detect", "extract to a tar") >= 0.7
        assert _ratio(times, "extract to a tar", "every 5th, tar") >= 1.8


def _ratio(times, base, name):
    return median(b / s for b, s in zip(times[base], times[name], strict=True))


def _decode(path):
    start = perf_counter()
    assert sum(1 for _ in read_frames(path))
    return perf_counter() - start


def _decode_and_detect(path, make, threads):
    own = local()

    def equip():
        own.net = make()

    with ThreadPoolExecutor(threads, initializer=equip) as pool:
        list(pool.map(lambda _: 0, range(threads)))
        start = perf_counter()
        waiting = deque()
        for frame in read_frames(path):
            waiting.append(pool.submit(lambda image: own.net(image), frame.image))
            if len(waiting) >= 4 * threads:
                waiting.popleft().result()
        found = [future.result() for future in waiting]
    assert found
    return perf_counter() - start


def _extract(path, make, threads, folder, **options):
    clip = Clip(path, "sample", "franck", "franck", "video")
    settings = Settings(str(options), make, 128, 1.6, **options)
    job = Job(Batch("franck", ((clip,),)), path.parent, folder, settings, threads)
    jobs._extraction(settings, threads)  # detectors are made once a process, not once a clip
    start = perf_counter()
    assert sum(extract_batch(job))
    return perf_counter() - start
