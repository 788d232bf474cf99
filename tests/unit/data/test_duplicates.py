import numpy as np
import pytest

from facsimile.data.duplicates import THUMBNAIL, distinct, thumbnail


def plain(faces, min_difference, always):
    """The definition: every face against every one kept before."""
    kept, chosen = [], []
    for face, wanted in zip(faces.astype(np.float32), always, strict=True):
        near = any(np.abs(face - other).mean() < np.float32(min_difference) for other in kept)
        chosen.append(bool(wanted or not near))
        if chosen[-1]:
            kept.append(face)
    return chosen


def walk(seed, count, step):
    """Faces that change little by little, and come back to what they were."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, step, (count, THUMBNAIL, THUMBNAIL)).cumsum(axis=0)
    there = np.clip(128 + steps, 0, 255).astype(np.uint8)
    return np.concatenate([there, there[::-2]])


@pytest.mark.parametrize("step", [0.1, 1.0, 9.0])
@pytest.mark.parametrize("least", [0.0, 1.0, 3.1, 25.0])
def test_in_batches_it_is_what_one_by_one_gives(step, least):
    faces = walk(7, 220, step)
    always = np.random.default_rng(8).random(len(faces)) < 0.03
    assert list(distinct(faces, least, always)) == plain(faces, least, always)


def test_exactly_as_far_as_asked_for_is_far_enough():
    faces = np.zeros((2, THUMBNAIL, THUMBNAIL), np.uint8)
    faces[1] = 3
    assert list(distinct(faces, 3.0)) == [True, True]
    faces[1, 0, 0] = 2
    assert list(distinct(faces, 3.0)) == [True, False]


def test_white_and_black_are_as_far_apart_as_can_be():
    faces = np.zeros((3, THUMBNAIL, THUMBNAIL), np.uint8)
    faces[1] = 255
    assert list(distinct(faces, 255.0)) == [True, True, False]


def test_no_faces():
    assert distinct(np.empty((0, THUMBNAIL, THUMBNAIL), np.uint8), 3.0).shape == (0,)


def test_no_two_kept_faces_are_near():
    rng = np.random.default_rng(3)
    steps = rng.normal(0, 1, (200, THUMBNAIL, THUMBNAIL)).cumsum(axis=0)
    faces = np.clip(128 + steps, 0, 255).astype(np.uint8)
    kept = faces[distinct(faces, 4.0)].astype(float)
    apart = np.abs(kept[:, None] - kept[None]).mean(axis=(2, 3))
    assert 2 < len(kept) < 200
    assert apart[~np.eye(len(kept), dtype=bool)].min() >= 4.0


def test_every_dropped_face_is_near_to_a_kept_one():
    rng = np.random.default_rng(4)
    steps = rng.normal(0, 1, (100, THUMBNAIL, THUMBNAIL)).cumsum(axis=0)
    faces = np.clip(128 + steps, 0, 255).astype(np.uint8)
    chosen = distinct(faces, 4.0)
    kept, dropped = faces[chosen].astype(float), faces[~chosen].astype(float)
    assert len(dropped)
    assert np.abs(dropped[:, None] - kept[None]).mean(axis=(2, 3)).min(axis=1).max() < 4.0


def test_zero_difference_keeps_everything():
    faces = np.zeros((3, THUMBNAIL, THUMBNAIL), np.uint8)
    assert distinct(faces, 0.0).all()


def test_what_is_always_kept_is_kept_and_compared_with():
    faces = np.zeros((4, THUMBNAIL, THUMBNAIL), np.uint8)
    faces[1:] += 2
    always = np.array([False, True, False, False])
    assert list(distinct(faces, 4.0, always)) == [True, True, False, False]


def test_thumbnail_of_a_flat_image():
    flat = np.full((112, 92, 3), 77, np.uint8)
    assert (thumbnail(flat) == 77).all()
    assert thumbnail(flat).shape == (THUMBNAIL, THUMBNAIL)
