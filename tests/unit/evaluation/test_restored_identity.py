import math

import numpy as np
import pandas as pd
import pytest

from facsimile.errors import UserError
from facsimile.evaluation.restored_identity import likeness, with_landmarks

FIVE = np.arange(10, dtype=np.float32)


@pytest.fixture
def faces(tmp_path):
    rows = [
        {"path": f"{name}.png", "crop_landmarks": FIVE + place} for place, name in enumerate("ab")
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "faces.parquet")
    return tmp_path


def test_the_chosen_pictures_say_where_their_face_is(faces):
    rows = pd.DataFrame({"gt": ["b.png", "a.png", "b.png", "gone.png"]})
    told = with_landmarks(rows, faces, pd.Series([True, False, False, True]))["landmarks"]
    assert np.array_equal(told[0], (FIVE + 1).reshape(5, 2))
    assert list(told[1:]) == [None, None, None]


def test_says_who_makes_the_table(tmp_path):
    with pytest.raises(UserError, match="run `facsimile extract`"):
        with_landmarks(pd.DataFrame({"gt": ["a.png"]}), tmp_path, pd.Series([True]))


def corner(image, landmarks):
    """An embedder that looks at the pixel of the first landmark."""
    x, y = landmarks[0].astype(int)
    return image[y, x].astype(np.float32)


def test_likeness_is_the_cosine_of_both_at_the_same_place():
    gt, preds = np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3, 3), np.uint8)
    gt[1, 2], preds[1, 2] = (3, 0, 0), (1, 1, 0)
    landmarks = np.full((5, 2), (2, 1), np.float32)
    assert likeness(corner, gt, landmarks)(preds) == pytest.approx(math.sqrt(0.5))
    assert likeness(corner, gt, landmarks)(gt) == pytest.approx(1)
    assert math.isnan(likeness(corner, gt, None)(preds))
