import numpy as np
import pandas as pd

from facsimile.data.held_out import Photo, degrade_once, evenly_spaced
from facsimile.degradations.salt_and_pepper import SaltAndPepper

NOISE = SaltAndPepper([0.1, 0.1])


def photo(path):
    return Photo(path, "a", np.full((20, 20, 3), 99, np.uint8))


def test_a_draw_depends_on_the_name_and_the_path_alone():
    first = degrade_once(photo("1.png"), NOISE, "noise")
    degrade_once(photo("2.png"), NOISE, "noise")
    assert np.array_equal(first.lq, degrade_once(photo("1.png"), NOISE, "noise").lq)
    assert not np.array_equal(first.lq, degrade_once(photo("2.png"), NOISE, "noise").lq)
    assert not np.array_equal(first.lq, degrade_once(photo("1.png"), NOISE, "other").lq)
    assert np.array_equal(first.gt, photo("1.png").image)


def test_evenly_spaced_thins_the_long_clip_only():
    rows = pd.DataFrame(
        {
            "subject": ["long"] * 100 + ["short"] * 3,
            "clip": ["x"] * 100 + ["y"] * 3,
            "frame": [*range(100), 5, 4, 6],
        }
    ).sample(frac=1, random_state=0)
    kept = evenly_spaced(rows, per_subject=5)
    assert kept[kept.subject == "long"].frame.tolist() == [0, 25, 50, 74, 99]
    assert kept[kept.subject == "short"].frame.tolist() == [4, 5, 6]
