import math

import cv2
import numpy as np
import pandas as pd
import pytest

from facsimile.evaluation.before_after import before_and_after, worst_first
from facsimile.evaluation.test_pairs import DegradedPairs

COUNT = 14


def measured(psnr, tones=("grey",)):
    return pd.DataFrame(
        {
            "path": [f"{number}.png" for number in range(len(psnr))],
            "method": "net",
            "psnr": psnr,
            "tone": [tones[number % len(tones)] for number in range(len(psnr))],
        }
    )


def test_the_worst_come_first_and_the_best_last():
    shown = worst_first(measured([float(40 - n) for n in range(30)]), worst=5, others=4)
    assert shown[:5] == ["29.png", "28.png", "27.png", "26.png", "25.png"]
    assert shown[-1] == "0.png"
    assert len(shown) == 9


def test_others_are_colour_and_grey_alike():
    table = measured([float(n) for n in range(40)], tones=("colour", "grey", "grey", "grey"))
    shown = worst_first(table, worst=20, others=6)
    tones = table.set_index("path")["tone"].loc[shown[20:]]
    assert tones.value_counts().to_dict() == {"colour": 3, "grey": 3}
    others = [int(name.partition(".")[0]) for name in shown[20:]]
    assert others == sorted(others)


def test_identical_pictures_are_the_best_and_few_pictures_are_all_shown():
    assert worst_first(measured([math.inf, 3.0, 2.0])) == ["2.png", "1.png", "0.png"]


def test_other_methods_do_not_decide():
    other = measured([9.0, 1.0, 5.0]).assign(method="no_op")
    table = pd.concat([measured([1.0, 2.0, 3.0]), other])
    assert worst_first(table) == ["0.png", "1.png", "2.png"]


@pytest.fixture
def pairs(tmp_path):
    """Flat pictures: before 10, 20, ... and degraded 5 levels below."""
    for number in range(COUNT):
        for name, level in ((f"{number}.png", 10), (f"lq{number}.png", 5)):
            image = np.full((128, 128, 3), 10 * number + level, np.uint8)
            cv2.imwrite(str(tmp_path / name), image)
    return DegradedPairs(tmp_path, tmp_path)


def test_a_sheet_has_blocks_of_degraded_restored_and_original(pairs):
    names = range(COUNT)
    rows = pd.DataFrame(
        {"path": [f"lq{n}.png" for n in names], "gt": [f"{n}.png" for n in names], "subject": "a"}
    )
    twice = {"brighter": lambda images: [image + np.uint8(100) for image in images]}
    made = before_and_after(measured([float(-n) for n in names]), rows, pairs, twice)
    top, step = 26 + 64, 26 + 128 + 4
    levels = [made[top + step * row, 64, 0] for row in range(6)]
    # of the worst, 13, and below of the eleventh worst, 3
    assert levels == [135, 235, 140, 35, 135, 40]
    assert made.shape[:2] == (6 * step, 10 * 132)


def test_what_enlarges_is_given_the_smaller_pictures(pairs):
    rows = pd.DataFrame({"path": ["lq3.png"], "gt": ["3.png"], "subject": "a"})
    given = []

    def twice(images):
        given.extend(image.shape for image in images)
        return [image.repeat(2, 0).repeat(2, 1) for image in images]

    halved = DegradedPairs(pairs.folder, pairs.faces, 2)
    table = measured([1.0]).assign(path="3.png")
    made = before_and_after(table, rows, halved, {"repeated": twice})
    assert given == [(64, 64, 3)]
    top, step = 26 + 64, 26 + 128 + 4
    assert [made[top + step * row, 64, 0] for row in range(3)] == [35, 35, 40]
