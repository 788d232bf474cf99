import pandas as pd

from facsimile.rendering.still import best_still


def faces(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["path", "yaw", "pitch", "sharpness"])
    return table.assign(roll=0.0)


def test_sharpest_of_the_frontal():
    turned = [(f"t{i:02}", 20.0 + i, 0.0, 900.0) for i in range(18)]
    assert best_still(faces(("a", 1, 0, 50), ("b", -1, 0, 80), *turned)) == "b"


def test_equals_are_decided_by_name_not_by_order():
    rows = [("b", 0, 0, 50), ("a", 0, 0, 50), ("c", 0, 0, 50)]
    assert best_still(faces(*rows)) == best_still(faces(*rows[::-1])) == "a"


def test_the_usual_pitch_of_the_person_is_level():
    level = [(f"l{i:02}", 0.0, 12.0, 10.0 + i) for i in range(19)]
    assert best_still(faces(("tilted", 0, 0, 999), *level)) != "tilted"
