import numpy as np
import pandas as pd
import pytest

from facsimile.data.best import BIN, best, share


def people(yaws, sharpness=None, seed=0):
    rng = np.random.default_rng(seed)
    faces = pd.DataFrame({"yaw": yaws, "pitch": 0.0}).astype(float)
    faces["sharpness"] = rng.uniform(10, 99, len(faces)) if sharpness is None else sharpness
    return faces, rng.integers(0, 256, (len(faces), 16, 16), dtype=np.uint8)


def test_every_pose_comes_before_a_second_of_any():
    faces, thumbnails = people([0] * 50 + [20] * 3 + [-20] * 1)
    chosen = best(faces, thumbnails, 3)
    assert sorted(faces.yaw.iloc[chosen]) == [-20, 0, 20]
    counts = faces.yaw.iloc[best(faces, thumbnails, 12)].value_counts().to_dict()
    assert counts == {0.0: 8, 20.0: 3, -20.0: 1}


def test_of_a_pose_the_sharpest_comes_first():
    faces, thumbnails = people([1, 2, 3, 4], sharpness=[5.0, 50.0, 40.0, 6.0])
    assert list(best(faces, thumbnails, 1)) == [1]
    assert list(best(faces, thumbnails, 2)) == [1, 2]


def test_the_dissimilar_come_before_the_similar():
    faces, _ = people([0] * 8, sharpness=[9.0, 8, 7, 6, 1, 1, 1, 1])
    levels = np.array([0, 1, 2, 200, 90, 90, 90, 90], np.uint8)
    thumbnails = np.tile(levels[:, None, None], (1, 16, 16))
    assert list(best(faces, thumbnails, 2)) == [0, 3]


def test_poses_near_the_front_are_one():
    faces, thumbnails = people([-BIN / 2 + 0.1, BIN / 2 - 0.1, BIN], sharpness=[1.0, 2.0, 1.0])
    assert list(best(faces, thumbnails, 2)) == [1, 2]


@pytest.mark.parametrize("count", [0, 1, 7, 60, 1000])
def test_as_many_as_there_are_and_the_same_again(count):
    faces, thumbnails = people(np.random.default_rng(2).normal(0, 25, 60))
    chosen = best(faces, thumbnails, count)
    assert len(set(chosen)) == min(count, 60)
    assert list(chosen) == sorted(best(faces, thumbnails, count))


def test_of_nobody():
    faces, thumbnails = people([])
    assert len(best(faces, thumbnails, 5)) == 0


@pytest.mark.parametrize(
    ("sizes", "count", "shares"),
    [([], 3, []), ([2, 2], 9, [2, 2]), ([1, 9, 9], 6, [1, 3, 2]), ([3, 3], 0, [0, 0])],
)
def test_shares(sizes, count, shares):
    assert share(sizes, count) == shares
