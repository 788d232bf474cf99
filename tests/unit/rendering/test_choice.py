from itertools import zip_longest

import numpy as np
import pytest

from facsimile.faces.detect import Face
from facsimile.faces.identity import SFace
from facsimile.media.video import read_frames
from facsimile.rendering.choice import ByIdentity, Choice, every, largest

IMAGE = np.zeros((100, 200, 3), np.uint8)
ME, OTHER = np.eye(3)[0], np.eye(3)[1]


@pytest.fixture
def face(landmarks_at):
    def make(x: float, size: float = 20.0) -> Face:
        return Face((x - size / 2, 40 - size / 2, size, size), landmarks_at(x, 40), 0.9)

    return make


class Looks:
    """Who stands left of the middle and who right of it, frame by frame."""

    def __init__(self, *pairs: tuple[np.ndarray, np.ndarray]) -> None:
        self.pairs, self.calls = pairs, 0

    def __call__(self, image, landmarks):
        left, right = self.pairs[self.calls // 2]
        self.calls += 1
        found = left if landmarks[2, 0] < 100 else right
        return found / np.linalg.norm(found)


def places(choice: Choice, frames, images=()) -> list[list[float]]:
    return [
        [float(one.landmarks[2, 0].round()) for one in choice(image, some)]
        for some, image in zip_longest(frames, images, fillvalue=IMAGE)
    ]


def test_the_largest_and_every_face(face):
    frames = [[face(50), face(150)], [face(150)], []]
    assert places(largest, frames) == [[50], [150], []]
    assert places(every, frames) == [[50, 150], [150], []]
    assert isinstance(ByIdentity(Looks(), ME), Choice)


def test_the_person_counts_and_not_the_size(face):
    frames = [[face(50, 40.0), face(150)]] * 3
    assert places(ByIdentity(Looks(*[(OTHER, ME)] * 3), ME), frames) == [[150]] * 3


def test_a_lone_face_is_taken_and_nothing_embedded(face):
    looks = Looks()
    assert places(ByIdentity(looks, ME), [[face(50)], [], [face(150)]]) == [[50], [], [150]]
    assert looks.calls == 0


def test_one_frame_in_which_the_other_looks_nearer_decides_nothing(face):
    frames = [[face(50), face(150)]] * 6
    turned = ME + 1.4 * OTHER  # still the same person, but less so than the other for a moment
    blurred = OTHER + 0.9 * ME
    pairs = [(ME, OTHER)] * 4 + [(turned, blurred + 0.2 * ME)] + [(ME, OTHER)]
    assert places(ByIdentity(Looks(*pairs), ME), frames) == [[50]] * 6


def test_a_cut_after_which_they_stand_the_other_way_round(face):
    frames = [[face(50), face(150)]] * 6
    pairs = [(ME, OTHER)] * 4 + [(OTHER, ME)] * 2
    images = [IMAGE] * 4 + [IMAGE + 60] * 2
    assert places(ByIdentity(Looks(*pairs), ME), frames, images) == [[50]] * 4 + [[150]] * 2


def test_few_embeddings_are_taken_of_faces_that_stay(face):
    looks = Looks(*[(OTHER, ME)] * 100)
    frames = [[face(50 + 0.2 * i), face(150)] for i in range(60)]
    chosen = places(ByIdentity(looks, ME), frames)
    assert chosen == [[150]] * 60
    assert looks.calls == 2 * (5 + 5)  # at first, then in frames 10, 20, 30, 40, 50


@pytest.mark.sample
def test_finds_each_of_two_men_in_one_picture(sample_root, models_root):
    from facsimile.faces.yunet import YuNet

    detect = YuNet(models_root / "face_detection_yunet_2023mar_int8bq.onnx")
    embed = SFace(models_root / "face_recognition_sface_2021dec_int8bq.onnx")
    men = [
        next(read_frames(sample_root / f"clips/{name}.mp4")).image
        for name in ("franck", "cap13_edit2")
    ]
    height = max(len(man) for man in men)
    both = np.hstack([np.pad(man, ((0, height - len(man)), (0, 0), (0, 0))) for man in men])
    found = detect(both)
    assert len(found) == 2
    for place, man in enumerate(men):
        person = embed(man, detect(man)[0].landmarks)
        chosen = ByIdentity(embed, person)(both, found)
        assert len(chosen) == 1
        assert (chosen[0].landmarks[2, 0] > men[0].shape[1]) == bool(place)
