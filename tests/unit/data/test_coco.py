import json

import pytest
from tests.cuts import PAIR
from tests.trees import coco

from facsimile.data.coco import Face, Photo, read_photos
from facsimile.data.lists import ListError
from facsimile.data.problems import Problem

BOX = [1, 2.5, 30, 40]


@pytest.fixture
def read(tmp_path):
    """What is read of a list."""

    def write_and_read(content):
        (tmp_path / "a.json").write_text(json.dumps(content))
        return list(read_photos(tmp_path / "a.json"))

    return write_and_read


def test_photos_in_the_order_of_the_list_with_their_faces(read):
    content = coco("Train", {"b.jpg": [(0, BOX), (1, BOX)], "a.jpg": []})
    box = (1.0, 2.5, 30.0, 40.0)
    faces = [Face(0, box, 0, False), Face(1, box, 1, False)]
    assert read(content) == [Photo(0, "b.jpg", *PAIR, faces), Photo(1, "a.jpg", *PAIR, [])]


def test_numbers_that_are_words_and_backslashes(read):
    content = coco("Train", {"Images\\Train\\a.jpg": [("1", BOX)]})
    content["images"][0] |= {"id": "7", "width": "64"}
    content["annotations"][0]["image_id"] = "7"
    (photo,) = read(content)
    assert (photo.id, photo.file, photo.width) == (7, "Images/Train/a.jpg", 64)
    assert photo.faces[0].label == 1


@pytest.mark.parametrize(
    ("categories", "labels"),
    [
        (None, [0, 1]),
        ([], [0, 1]),
        ("real", [0, 1]),
        ([{"id": 0, "name": "face"}], [0, 1]),
        ([{"id": 0, "name": "fake"}, {"id": 1, "name": " REAL"}, 5, {"name": "fake"}], [1, 0]),
    ],
)
def test_what_the_category_ids_mean(read, categories, labels):
    content = coco("Train", {"a.jpg": [(0, BOX), (1, BOX)]}) | {"categories": categories}
    (photo,) = read(content)
    assert [face.label for face in photo.faces] == labels


def test_a_crowd(read):
    content = coco("Train", {"a.jpg": [(0, BOX)]})
    content["annotations"][0]["iscrowd"] = 1
    assert read(content)[0].faces[0].is_crowd


@pytest.mark.parametrize(
    "entry", [None, 3, [], {}, {"id": 1, "file_name": "", "width": 1, "height": 1}]
)
def test_images_that_are_malformed(read, entry):
    content = coco("Train", {"a.jpg": [], "b.jpg": []})
    content["images"][1] = entry
    problem, photo = read(content)
    assert isinstance(problem, Problem) and problem.path == "images[1]"
    assert photo.file == "a.jpg"


@pytest.mark.parametrize(
    "bad", [{"bbox": 5}, {"bbox": [1e999] * 4}, {"id": None}, {"bbox": "abcd"}]
)
def test_annotations_that_are_malformed(read, bad):
    content = coco("Train", {"a.jpg": [(0, BOX), (1, BOX)]})
    content["annotations"][0] |= bad
    problem, photo = read(content)
    assert problem.path == "annotations[0]"
    assert [face.id for face in photo.faces] == [1]


@pytest.mark.parametrize("content", [[], {}, {"images": []}, {"images": [], "annotations": {}}])
def test_no_such_list(read, content):
    with pytest.raises(ListError, match="lacks a list of images or annotations"):
        read(content)
