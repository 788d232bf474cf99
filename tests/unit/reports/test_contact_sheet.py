import numpy as np
import pandas as pd
import pytest

from facsimile.reports import contact_sheet as module
from facsimile.reports.contact_sheet import contact_sheet


@pytest.fixture
def rows(monkeypatch):
    """The labels and pictures of the sheet that is drawn."""
    drawn = {}

    def sheet(rows, height):
        drawn.update({label: [int(image[0, 0, 0]) for image in images] for label, images in rows})
        return np.zeros((height, 10, 3), np.uint8)

    monkeypatch.setattr(module, "sheet", sheet)
    return drawn


def read(path):
    return np.full((20, 20, 3), int(path), np.uint8)


def kept(**counts):
    subjects = [subject for subject, count in counts.items() for _ in range(count)]
    table = pd.DataFrame({"path": map(str, range(len(subjects))), "subject": subjects})
    return table.assign(label=0)


def dropped(*reasons):
    table = pd.DataFrame({"path": map(str, range(len(reasons))), "reason": reasons}, dtype=object)
    return table.assign(label=0)


def test_a_row_for_each_of_the_people_evenly_spaced(rows):
    contact_sheet(kept(ann=3, bob=31), dropped(), read)
    assert list(rows) == ["kept: bob, 31", "kept: ann, 3"]
    assert rows["kept: bob, 31"] == list(range(3, 34, 2))
    assert rows["kept: ann, 3"] == [0, 1, 2]


def test_those_of_few_faces_share_a_row(rows):
    contact_sheet(kept(**{f"p{number:02d}": 20 - number for number in range(11)}), dropped(), read)
    assert len(rows) == 9
    assert "kept: others (3), 33" in rows


def test_reasons_are_grouped_and_counted(rows):
    contact_sheet(kept(), dropped("yaw 51.00 is", "score 0.1", "yaw -60.00 is"), read)
    assert rows == {"dropped: yaw, 2": [0, 2], "dropped: score, 1": [1]}


def test_names_in_any_alphabet(rows):
    contact_sheet(kept(Zoë=1), dropped(), read)
    assert list(rows) == ["kept: Zo?, 1"]


def test_it_is_a_picture_or_nothing():
    sheet = contact_sheet(kept(ann=2), dropped("yaw 1"), read)
    assert sheet.ndim == 3 and sheet.shape[0] > 2 * 80
    assert contact_sheet(kept(), dropped(), read) is None


def test_the_fakes_among_them_are_marked_and_no_others(monkeypatch):
    drawn = {}
    monkeypatch.setattr(module, "sheet", lambda rows, height: drawn.update(rows))
    picture = np.full((128, 128, 3), 200, np.uint8)
    faces = [kept(ann=3).assign(label=[0, 1, 0]), dropped("yaw 1", "yaw 2").assign(label=[1, 0])]
    contact_sheet(*faces, lambda path: picture)
    marked = [[(tile != 200).any() for tile in tiles] for tiles in drawn.values()]
    assert marked == [[False, True, False], [True, False]]
    fake = drawn["kept: ann, 3"][1]
    assert fake.shape == (80, 80, 3)  # as it is shown, so that the word is not shrunk
    assert (fake[:60] == 200).all() and fake[-9:].min() < 60 and fake[-9:].max() > 200
