import numpy as np
import pandas as pd

from facsimile.evaluation.hard_places import EACH, hard_places, hard_sheet

FACE = [30.0, 30, 50, 30, 40, 40, 33, 50, 47, 50]
HARD = {"mouth_opening": 40, "eye_opening": 70, "yaw": 20}


def table_of(**columns):
    rows = []
    for frame in range(10, 110):
        easy = {"mouth_opening": 0.1, "eye_opening": 0.3, "yaw": 2.0, "landmark_error": 0.0}
        row = {"frame": frame, "landmarks": FACE, **easy, **columns}
        rows += [row | {"row": "no_swap"}, row | {"row": "swap", "landmark_error": 0.01}]
    table = pd.DataFrame(rows)
    target = table["row"] == "no_swap"
    for column, value in (("mouth_opening", 0.9), ("eye_opening", 0.05), ("yaw", -40.0)):
        table.loc[target & (table["frame"] == HARD[column]), column] = value
    table.loc[~target & (table["frame"] == 90), "landmark_error"] = 0.5
    return table


def test_the_hardest_comes_first_and_others_are_apart():
    places = hard_places(table_of())
    assert [frames[0] for frames in places.values()] == [40, 70, 20, 90]
    for frames in places.values():
        assert len(frames) == EACH
        assert np.diff(sorted(frames)).min() >= 12


def test_what_was_not_measured_is_left_out():
    table = table_of().assign(mouth_opening=np.nan, eye_opening=np.nan)
    assert list(hard_places(table)) == ["head turned", "landmarks off"]
    lost = table.assign(yaw=np.nan, landmark_error=np.nan)
    assert hard_sheet(lost, lambda frames: {}) is None


def test_targets_stand_above_marked_swaps():
    asked = []

    def read(frames):
        asked.append(set(frames))
        grey = {"target": 90, "swap": 200}
        pictures = {kind: np.full((80, 90, 3), level, np.uint8) for kind, level in grey.items()}
        return {frame: (pictures["target"], pictures["swap"]) for frame in frames}

    made = hard_sheet(table_of(), read)
    assert asked == [set().union(*hard_places(table_of()).values())]
    rows = np.array_split(made, 8)  # target and swap of four kinds
    targets, swaps = ([(row == level).all(2).sum() for row in rows] for level in (90, 200))
    assert min(targets[::2]) > 0.8 * 4 * 224**2 and max(targets[1::2]) < 100
    # less the words
    assert max(swaps[1::2]) < 4 * 224**2 and min(swaps[1::2]) > 0.7 * 4 * 224**2
