"""What aligning, measuring and writing faces cost beside decoding and detecting alone."""

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
from facsimile.data.batching import Batch
from facsimile.data.jobs import Job, Settings, extract_batch
from facsimile.data.records import Clip
from facsimile.faces.yunet import YuNet
from facsimile.media.video import VideoWriter, probe, read_frames

FRAMES = 200
ROUNDS = 7


@pytest.fixture
def clip(sample_root, tmp_path):
    """The first seconds of franck."""
    source = sample_root / "clips/franck.mp4"
    info = probe(source)
    path = tmp_path / "franck.mp4"
    with VideoWriter(path, info.width, info.height, info.frame_rate, crf=23) as writer:
        for frame in islice(read_frames(source), FRAMES):
            writer.write(frame.image)
    return path


@pytest.fixture(autouse=True)
def one_thread_for_opencv():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.mark.benchmark
@pytest.mark.sample
@pytest.mark.parametrize("threads", sorted({1, usable_cores()}))
def test_extraction_is_nearly_as_fast_as_decoding_and_detecting(
    clip, models_root, tmp_path, threads
):
    make = partial(YuNet, models_root / "face_detection_yunet_2023mar_int8bq.onnx")
    bare, ours = [], []
    for number in range(ROUNDS):  # by turns, so that a busy machine slows both
        bare.append(_decode_and_detect(clip, make, threads))
        ours.append(_extract(clip, make, threads, tmp_path / f"{number}"))
    ratio = median(b / o for b, o in zip(bare, ours, strict=True))
    print(
        f"\nextraction {FRAMES / min(ours):.0f} frames/s, decode + detect "
        f"{FRAMES / min(bare):.0f} frames/s, ratio {ratio:.2f}, threads {threads}"
    )
    assert ratio >= 0.7


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


def _extract(path, make, threads, folder):
    clip = Clip(path, "sample", "franck", "franck", "video")
    job = Job(
        Batch("franck", ((clip,),)), path.parent, folder, Settings("", make, 128, 1.6), threads
    )
    start = perf_counter()
    assert sum(extract_batch(job)) == FRAMES
    return perf_counter() - start
