import threading

import numpy as np
import pytest

from facsimile.faces.detect import BatchDetector, Detector, DetectorPool, Face

POINTS = np.array([[3, 2], [5, 2], [4, 3], [3, 4], [5, 4]], np.float32)


class Lone:
    """Says how bright an image is; fails when two threads call it at once."""

    def __init__(self):
        self.busy = threading.Lock()

    def __call__(self, image):
        assert self.busy.acquire(blocking=False)
        try:
            return [Face((0.0, 0.0, 1.0, 1.0), POINTS, float(image[0, 0, 0]))]
        finally:
            self.busy.release()


class Together(Lone):
    """The same for images of one size at once, of which it keeps the numbers."""

    batch_size = 3

    def __init__(self):
        super().__init__()
        self.numbers = []

    def detect_batch(self, images):
        assert len({image.shape for image in images}) == 1
        self.numbers.append(len(images))
        return [self(image) for image in images]


def image(shade, height=4):
    return np.full((height, 6, 3), shade, np.uint8)


def scores(found):
    return [face.score for (face,) in found]


def test_a_pool_is_a_detector_and_takes_batches():
    pool = DetectorPool([Lone(), Lone()])
    assert isinstance(pool, Detector) and isinstance(pool, BatchDetector)
    assert pool.batch_size == 1
    assert scores([pool(image(7))]) == [7]
    assert scores(pool.detect_batch([image(1), image(2, 8)])) == [1, 2]
    assert pool.detect_batch([]) == []


def test_images_of_one_size_in_succession_are_one_batch():
    detector = Together()
    pool = DetectorPool([detector])
    mixed = [image(1), image(2), image(3, 8), image(4)]
    assert pool.batch_size == 3
    assert scores(pool.detect_batch(mixed)) == [1, 2, 3, 4]
    assert detector.numbers == [2, 1, 1]


def test_each_detector_serves_one_thread_at_a_time():
    pool = DetectorPool([Lone(), Lone()])
    failed = []

    def call():
        try:
            for shade in range(200):
                assert pool(image(shade))[0].score == shade
        except AssertionError as error:
            failed.append(error)

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_a_detector_that_fails_is_idle_again():
    pool = DetectorPool([Lone()])
    with pytest.raises(IndexError):
        pool(np.zeros((0, 0, 3), np.uint8))
    assert scores([pool(image(5))]) == [5]


def test_a_face_moves_with_its_dense_landmarks():
    face = Face((1.0, 2.0, 3.0, 4.0), POINTS, 0.5, POINTS.repeat(2, 0)).moved(10.0, 20.0)
    assert face.bbox == (11, 22, 3, 4)
    assert np.array_equal(face.landmarks, POINTS + [10, 20])
    assert face.dense is not None and np.array_equal(face.dense[::2], face.landmarks)
