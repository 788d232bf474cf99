import numpy as np
import pandas as pd

from facsimile.data.held_out import Photo, evenly_spaced, make_test_set
from facsimile.degradations.chain import Chain
from facsimile.degradations.salt_and_pepper import SaltAndPepper

DEGRADATIONS = {"noise": SaltAndPepper([0.1, 0.1]), "clean": Chain([])}


def photo(path):
    return Photo(path, "a", np.full((20, 20, 3), 99, np.uint8))


def test_an_images_degradation_depends_on_its_path_alone():
    many = make_test_set([photo("1.png"), photo("2.png")], DEGRADATIONS)["noise"]
    alone = make_test_set([photo("2.png")], dict(reversed(DEGRADATIONS.items())))["noise"]
    assert np.array_equal(many[1].lq, alone[0].lq)
    assert not np.array_equal(many[0].lq, many[1].lq)
    assert np.array_equal(many[0].gt, photo("1.png").image)


def test_two_degradations_draw_differently():
    twice = {"one": DEGRADATIONS["noise"], "other": DEGRADATIONS["noise"]}
    made = make_test_set([photo("1.png")], twice)
    assert not np.array_equal(made["one"][0].lq, made["other"][0].lq)


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
