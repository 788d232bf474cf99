import pandas as pd
import pytest

from facsimile.data.shown import shown, shown_of_all, swapped_name


@pytest.mark.parametrize(
    ("subject", "label", "wanted"),
    [
        ("cap_on_franck", 1, ["franck", "cap"]),
        ("cap_on_franck", 0, ["cap_on_franck", ""]),  # somebody real may be called so
        ("ann", 1, ["ann", ""]),
        ("_on_ann", 1, ["_on_ann", ""]),
        ("", 1, ["", ""]),
        (None, 0, ["", ""]),
    ],
)
def test_only_of_a_fake_two_people_are_read(subject, label, wanted):
    rows = pd.DataFrame({"subject": [subject], "label": [label]}, index=[7])
    assert shown(rows)[["target", "source"]].to_numpy().tolist() == [wanted]
    assert list(shown(rows).index) == [7]


def test_a_name_is_read_back():
    rows = pd.DataFrame({"subject": [swapped_name("a_b", "c_on")], "label": [1]})
    assert shown(rows).iloc[0].to_dict() == {"target": "c_on", "source": "a_b"}


def test_numbered_people_are_told_apart_by_their_data_set():
    names = ["person_0001", "ann"]
    rows = pd.DataFrame({"subject": names, "label": 0, "data": ["a", "b"]})
    assert list(shown_of_all(rows)["target"]) == ["a/person_0001", "ann"]
