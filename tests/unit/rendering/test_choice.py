from itertools import zip_longest

import cv2
import numpy as np
import pytest

from facsimile.faces.detect import Face
from facsimile.faces.identity import SFace
from facsimile.media.video import read_frames
from facsimile.rendering.choice import ByIdentity, Choice, every, largest

ME, OTHER = np.eye(3)[0], np.eye(3)[1]
ENOUGH = 0.6
TEXTURES = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), np.uint8)


def scene(left: int = 0, right: int = 1, light: int = 0) -> np.ndarray:
    """A frame in which two people are seen, each with a texture of their own."""
    both = np.hstack([TEXTURES[left], TEXTURES[right]])
    image = cv2.resize(both, (200, 80), interpolation=cv2.INTER_NEAREST)
    return np.clip(image // 2 + 60 + light, 0, 255).astype(np.uint8)


IMAGE = scene()


@pytest.fixture
def face(landmarks_at):
    def make(x: float, size: float = 60.0) -> Face:
        return Face((x - size / 2, 40 - size / 2, size, size), landmarks_at(x, 40), 0.9)

    return make


class Looks:
    """Who is seen left of the middle and who right of it, frame by frame; the last pair stays."""

    def __init__(self, *pairs: tuple[np.ndarray, np.ndarray]) -> None:
        self.pairs, self.frame, self.looked = pairs, -1, []

    def __call__(self, image, landmarks):
        left, right = self.pairs[min(self.frame, len(self.pairs) - 1)]
        self.looked.append(self.frame)
        found = left if landmarks[2, 0] < 100 else right
        return found / np.linalg.norm(found)


def by_identity(looks: Looks) -> Choice:
    return ByIdentity(looks, ME, ENOUGH)


def places(choice: Choice, frames, images=()) -> list[list[float]]:
    found = []
    for number, (some, image) in enumerate(zip_longest(frames, images, fillvalue=IMAGE)):
        if isinstance(choice, ByIdentity):
            choice.embed.frame = number
        found.append([float(one.landmarks[2, 0].round()) for one in choice(image, some)])
    return found


def test_the_largest_and_every_face(face):
    frames = [[face(50), face(150)], [face(150)], []]
    assert places(largest, frames) == [[50], [150], []]
    assert places(every, frames) == [[50, 150], [150], []]
    assert isinstance(by_identity(Looks()), Choice)


def test_the_person_counts_and_not_the_size(face):
    frames = [[face(50, 75.0), face(150)]] * 3
    assert places(by_identity(Looks((OTHER, ME))), frames) == [[150]] * 3


def test_a_lone_face_is_embedded_once_if_it_is_the_persons(face):
    looks = Looks((ME, OTHER))
    frames = [[face(50 + 0.2 * i)] for i in range(40)]
    assert places(by_identity(looks), frames) == [[50 + round(0.2 * i)] for i in range(40)]
    assert looks.looked == [0]


def test_another_persons_lone_face_is_left_alone(face):
    looks = Looks((OTHER, ME))
    assert places(by_identity(looks), [[face(50)]] * 25) == [[]] * 25
    assert looks.looked == [0, 1, 2, 3, 4, 10, 20]


def test_neither_of_two_strangers_is_taken(face):
    stranger = np.eye(3)[2]
    assert places(by_identity(Looks((OTHER, stranger))), [[face(50), face(150)]] * 7) == [[]] * 7


def test_who_comes_in_turned_away_is_taken_once_recognised(face):
    looks = Looks(*[(OTHER + 0.5 * ME, OTHER)] * 2, (ME, OTHER))
    assert places(by_identity(looks), [[face(50)]] * 8) == [[]] * 2 + [[50]] * 6


def test_who_turns_away_or_is_missed_for_a_moment_stays_the_person(face):
    looks = Looks((ME, OTHER), (OTHER, OTHER))
    frames = [[face(50)]] * 5 + [[]] * 3 + [[face(50)]] * 5
    assert places(by_identity(looks), frames) == [[50]] * 5 + [[]] * 3 + [[50]] * 5
    assert looks.looked == [0]


@pytest.mark.parametrize("cut", [scene(1, 0), scene(1, 0, light=60)])
def test_a_cut_to_another_face_at_the_same_place_and_back(face, cut):
    looks = Looks(*[(ME, OTHER)] * 4, *[(OTHER, ME)] * 3, (ME, OTHER))
    images = [IMAGE] * 4 + [cut] * 3 + [IMAGE] * 4
    assert places(by_identity(looks), [[face(50)]] * 11, images) == (
        [[50]] * 4 + [[]] * 3 + [[50]] * 4
    )


def test_flickering_light_is_no_cut(face):
    looks, images = Looks((ME, OTHER)), [scene(light=60 * (i % 2)) for i in range(10)]
    assert places(by_identity(looks), [[face(50)]] * 10, images) == [[50]] * 10
    assert looks.looked == [0]


def test_one_frame_in_which_the_other_looks_nearer_decides_nothing(face):
    frames = [[face(50), face(150)]] * 6
    turned = ME + 1.4 * OTHER  # still the same person, but less so than the other for a moment
    blurred = OTHER + 1.1 * ME
    pairs = [(ME, OTHER)] * 4 + [(turned, blurred), (ME, OTHER)]
    assert places(by_identity(Looks(*pairs)), frames) == [[50]] * 6


def test_a_cut_after_which_they_stand_the_other_way_round(face):
    frames = [[face(50), face(150)]] * 6
    pairs = [(ME, OTHER)] * 4 + [(OTHER, ME)] * 2
    images = [IMAGE] * 4 + [scene(1, 0)] * 2
    assert places(by_identity(Looks(*pairs)), frames, images) == [[50]] * 4 + [[150]] * 2


def test_few_embeddings_are_taken_of_faces_that_stay(face):
    looks = Looks((OTHER, ME))
    frames = [[face(50 + 0.2 * i), face(150)] for i in range(60)]
    assert places(by_identity(looks), frames) == [[150]] * 60
    assert looks.looked[::2] == looks.looked[1::2] == [0, 1, 2, 3, 4, 10, 20, 30, 40, 50]


def test_of_faces_that_are_gone_nothing_is_kept(face):
    choice = by_identity(Looks((OTHER, OTHER)))
    places(choice, [[face(3 + 12 * (at % 16), 10.0)] for at in range(60)])
    # those of this frame, of the one before, and of ten in which a track may lack its face
    assert len(choice._seen) == len(choice._before) == 12


def test_a_box_that_reaches_out_of_the_frame(face):
    looks = Looks((ME, OTHER))
    outside = [[face(-20)], [face(220)], [face(-60)], [face(260)]]
    assert [len(found) for found in places(by_identity(looks), outside)] == [1, 0, 1, 0]


@pytest.fixture(scope="module")
def eyes(models_root):
    from facsimile.faces.yunet import YuNet

    detect = YuNet(models_root / "face_detection_yunet_2023mar_int8bq.onnx")
    return detect, SFace(models_root / "face_recognition_sface_2021dec_int8bq.onnx")


def stretch(sample_root, name: str, start: int, count: int = 8) -> list[np.ndarray]:
    clip = sample_root / f"clips/{name}.mp4"
    return [frame.image for frame in read_frames(clip, start, start + count)]


@pytest.mark.sample
@pytest.mark.parametrize("target", ["franck", "cap13_edit2"])
def test_a_clip_cut_between_two_men_is_swapped_where_the_target_is_seen(sample_root, eyes, target):
    detect, embed = eyes
    names = ["franck", "cap13_edit2", "franck", "cap13_edit2"]
    parts = [stretch(sample_root, name, 200 + 100 * at) for at, name in enumerate(names)]
    reference = stretch(sample_root, target, 0, 1)[0]
    looked = []

    def counted(image, landmarks):
        looked.append(landmarks)
        return embed(image, landmarks)

    choose = ByIdentity(
        counted, embed(reference, detect(reference)[0].landmarks), embed.same_person
    )
    taken = [[len(choose(image, detect(image))) for image in part] for part in parts]
    assert taken == [[int(name == target)] * 8 for name in names]
    assert len(looked) <= 2 * 1 + 2 * 5  # once of the target after each cut


@pytest.mark.sample
def test_finds_each_of_two_men_in_one_picture(sample_root, eyes):
    detect, embed = eyes
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
        chosen = ByIdentity(embed, person, embed.same_person)(both, found)
        assert len(chosen) == 1
        assert (chosen[0].landmarks[2, 0] > men[0].shape[1]) == bool(place)
