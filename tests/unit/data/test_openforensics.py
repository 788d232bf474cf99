import json
from pathlib import Path

import pytest
from tests import trees
from tests.cuts import PAIR, PAIR_BOXES, Blank, Cut
from tests.trees import coco, pack, write_json

from facsimile.data.openforensics import OpenForensicsDataset
from facsimile.data.records import Annotation
from facsimile.errors import UserError
from facsimile.media.image import read_image

LABEL = {"real": 0, "fake": 1}


def listed(root, **knobs):
    return {clip.clip: clip for clip in OpenForensicsDataset(root, **knobs).clips()}


def reasons(root):
    return {problem.path: problem.reason for problem in OpenForensicsDataset(root).problems()}


@pytest.fixture
def tree(tmp_path):
    return trees.openforensics(tmp_path, Blank())


def edit(path: Path, change):
    content = json.loads(path.read_text())
    change(content)
    write_json(path, content)


def test_photos_with_their_faces(tree):
    clips = listed(tree)
    assert {(c.kind, c.subject, c.cropped, c.frame) for c in clips.values()} == {
        ("image", "", False, 0)
    }
    assert clips["Train/aaa"].annotations == tuple(
        Annotation(tuple(map(float, box)), label) for label, box in enumerate(PAIR_BOXES)
    )


def test_openforensics_trap_category_ids(tree):
    labels = {name: [face.label for face in c.annotations] for name, c in listed(tree).items()}
    assert labels == {
        "Train/aaa": [LABEL["real"], LABEL["fake"]],
        "Train/bbb": [LABEL["real"]],
        "Val/aaa": [LABEL["real"]],
        "Test-Dev/ddd": [LABEL["real"], LABEL["fake"]],
        "Test-Challenge/eee": [LABEL["fake"]],
    }


def test_categories_mean_what_the_list_calls_them(tree):
    def swap(content):
        content["categories"] = [{"id": 7, "name": "FAKE"}, {"id": 0, "name": "real"}]
        for face in content["annotations"]:
            face["category_id"] = {0: 0, 1: 7}[face["category_id"]]

    edit(tree / "Train_poly.json", swap)
    assert [face.label for face in listed(tree)["Train/aaa"].annotations] == [0, 1]
    edit(tree / "Train_poly.json", lambda content: content.pop("categories"))
    assert any("category" in reason for reason in reasons(tree).values())


def test_openforensics_trap_face_and_image_level_labels(tree):
    clips = listed(tree)
    assert {name: clip.label for name, clip in clips.items()} == {
        "Train/aaa": LABEL["fake"],
        "Train/bbb": LABEL["fake"],  # of its fakes one is tiny and one off the image
        "Val/aaa": LABEL["real"],
        "Test-Dev/ddd": LABEL["fake"],
        "Test-Challenge/eee": LABEL["fake"],
    }


def test_openforensics_trap_ids_repeat_across_splits(tree):
    ids = [
        image["id"]
        for path in tree.glob("*_poly.json")
        for image in json.loads(path.read_text())["images"]
    ]
    assert len(ids) > len(set(ids))
    clips = list(OpenForensicsDataset(tree).clips())
    assert len({clip.clip for clip in clips}) == len({clip.path for clip in clips}) == 5


def test_openforensics_trap_faces_of_one_photo_stay_together(tree):
    assert all(clip.origin == name for name, clip in listed(tree).items())
    assert {clip.official for clip in listed(tree).values()} == {"train", "val", "test"}
    assert listed(tree)["Test-Dev/ddd"].official == "test"


def test_openforensics_trap_where_the_file_is(tree):
    places = {name: c.path.relative_to(tree).as_posix() for name, c in listed(tree).items()}
    assert places == {
        "Train/aaa": "Images/Train/aaa.jpg",  # as it stands in the list
        "Train/bbb": "Images/Train/bbb.jpg",
        "Val/aaa": "Val/Val/aaa.jpg",  # by its name, in the split's own folder
        "Test-Dev/ddd": "Test-Dev/ddd.jpg",  # without Images/
        "Test-Challenge/eee": "Images/Test-Challenge/eee.jpg",
    }
    (tree / "Val/Val/aaa.jpg").unlink()
    assert "Val/aaa" not in listed(tree)  # Train/aaa.jpg is another photo


def test_openforensics_trap_missing_images(tree):
    assert "not there" in reasons(tree)["Train/Images/Train/gone.jpg"]
    (tree / "Images/Train/more.jpg").write_bytes(b"")
    assert "no *_poly.json" in reasons(tree)["Images/Train/more.jpg"]


def test_openforensics_trap_boxes_over_and_off_the_image(tree):
    assert [face.bbox for face in listed(tree)["Train/bbb"].annotations] == [(0, 200, 130, 100)]
    off = [path for path, reason in reasons(tree).items() if "off the image" in reason]
    assert off == ["Images/Train/bbb.jpg#face 3"]


def test_openforensics_trap_tiny_faces(tree):
    assert "too small: 5 x 5" in reasons(tree)["Images/Train/bbb.jpg#face 4"]
    assert len(listed(tree, min_size=4.0)["Train/bbb"].annotations) == 2
    assert "Train/bbb" not in listed(tree, min_size=120.0)


@pytest.mark.parametrize(
    ("key", "change", "reason"),
    [
        ("images", lambda image: image.pop("width"), "a size above 0"),
        ("images", lambda image: image.update(height=0), "a size above 0"),
        ("images", lambda image: image.update(id=1), "belongs to Images/Train/bbb.jpg already"),
        ("annotations", lambda face: face.pop("bbox"), "a box of 4 numbers"),
        ("annotations", lambda face: face.update(bbox=[1, 2, 3]), "a box of 4 numbers"),
        ("annotations", lambda face: face.update(bbox=[1, 2, 3, None]), "a box of 4 numbers"),
        ("annotations", lambda face: face.update(bbox=[1, 2, float("nan"), 9]), "4 numbers"),
        ("annotations", lambda face: face.update(category_id=5), "a category that is known"),
        ("annotations", lambda face: face.update(image_id=99), "no image 99"),
        ("annotations", lambda face: face.update(id=1), "taken by an earlier annotation"),
        ("annotations", lambda face: face.update(iscrowd=1), "a crowd"),
    ],
)
def test_entries_that_are_malformed(tree, key, change, reason):
    def spoil(content):
        change(content[key][2])

    edit(tree / "Train_poly.json", spoil)
    assert any(reason in found for found in reasons(tree).values())
    assert len(listed(tree)) >= 4


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"images": {}}', '{"images": [1], "annotations": [2]}']
)
def test_a_list_that_is_malformed(tree, text):
    (tree / "Train_poly.json").write_text(text)
    assert any(path.startswith("Train_poly.json") for path in reasons(tree))
    assert set(listed(tree)) == {"Val/aaa", "Test-Dev/ddd", "Test-Challenge/eee"}


def test_nested_lists_in_lower_case(tmp_path):
    trees.openforensics(tmp_path / "a/b", Blank())
    (tmp_path / "a/b/Train_poly.json").rename(tmp_path / "a/b/train_poly.json")
    assert len(listed(tmp_path)) == 5
    assert listed(tmp_path)["train/aaa"].official == "train"


def test_the_same_name_twice_in_a_list(tmp_path):
    face = [0, [10.0, 10.0, 50.0, 50.0]]
    names = ("Images/Train/x/a.jpg", "Images/Train/y/a.jpg", "Images/Train/y/a.jpg")
    for name in names:
        Blank().photo(tmp_path / name)
    content = coco("Train", {name: [face] for name in names})
    content["images"].append({**content["images"][1], "id": 9})
    content["annotations"].append({**content["annotations"][1], "id": 9, "image_id": 9})
    write_json(tmp_path / "Train_poly.json", content)
    assert set(listed(tmp_path)) == {"Train/a", "Train/a-1"}
    assert reasons(tmp_path) == {
        "Train/Images/Train/y/a.jpg": "an earlier entry has it: Images/Train/y/a.jpg"
    }


FACES = [[category, [10.0, 10.0, 50.0, 50.0]] for category in (0, 1)]


def plant(root, photos, entries, split="Train", folder=""):
    """Photos, and a list with a face of the given label on each of its entries."""
    for name in photos:
        Blank().photo(root / name)
    faces = {name: [FACES[label]] for name, label in entries.items()}
    write_json(root / folder / f"{split}_poly.json", coco(split, faces))


@pytest.mark.parametrize("missing_first", [True, False])
def test_a_photo_that_an_entry_names_exactly_is_no_other_entrys(tmp_path, missing_first):
    entries = {"Train/a/x.jpg": 1, "Train/b/x.jpg": 0}
    if not missing_first:
        entries = dict(reversed(entries.items()))
    plant(tmp_path, ["Train/b/x.jpg"], entries)
    (clip,) = OpenForensicsDataset(tmp_path).clips()
    assert (clip.path, clip.label) == (tmp_path / "Train/b/x.jpg", LABEL["real"])
    assert reasons(tmp_path) == {"Train/Train/a/x.jpg": "the list names it, but it is not there"}


def test_a_photo_that_a_later_list_names_exactly(tmp_path):
    plant(tmp_path, [], {"x.jpg": 1}, folder="a")
    plant(tmp_path, ["b/x.jpg"], {"x.jpg": 0}, folder="b")
    assert [clip.label for clip in OpenForensicsDataset(tmp_path).clips()] == [LABEL["real"]]
    assert "not there" in reasons(tmp_path)["Train/x.jpg"]


def test_several_photos_of_the_name(tmp_path):
    plant(tmp_path, ["Train/p/x.jpg", "Train/q/x.jpg"], {"Images/Train/x.jpg": 1})
    assert listed(tmp_path) == {}
    reason = reasons(tmp_path)["Train/Images/Train/x.jpg"]
    assert reason == "several photos have this name: Train/p/x.jpg, Train/q/x.jpg"
    plant(tmp_path, [], {"Images/Train/x.jpg": 1, "Train/p/x.jpg": 0})
    assert [clip.label for clip in OpenForensicsDataset(tmp_path).clips()] == [1, 0]  # q, then p


def test_several_entries_that_may_mean_a_photo(tmp_path):
    plant(tmp_path, ["Train/x.jpg"], {"Train/a/x.jpg": 1, "Train/b/x.jpg": 0})
    assert listed(tmp_path) == {}
    assert "several entries may mean Train/x.jpg" in reasons(tmp_path).values()


def test_photos_and_lists_in_archives_of_their_own(tree):
    plain = {name: clip.label for name, clip in listed(tree).items()}
    pack(tree, "Images.zip", "Images")
    pack(tree / "Val", "Val.tar", "Val").rename(tree / "Val.tar")
    pack(tree / "Test-Dev", "x.zip").rename(tree / "Test-Dev.zip")
    pack(tree, "lists.zip", *(path.name for path in tree.glob("*_poly.json")))
    clips = listed(tree)
    assert {name: clip.label for name, clip in clips.items()} == plain
    places = {name: clip.path.relative_to(tree).as_posix() for name, clip in clips.items()}
    assert places["Train/aaa"] == "Images.zip/Images/Train/aaa.jpg"
    assert places["Val/aaa"] == "Val.tar/Val/aaa.jpg"
    assert places["Test-Dev/ddd"] == "Test-Dev.zip/ddd.jpg"


def test_the_archive_of_another_split_is_another_photo(tmp_path):
    plant(tmp_path, ["x.jpg"], {"Images/Train/x.jpg": 1})
    pack(tmp_path, "Val.zip", "x.jpg")
    assert listed(tmp_path) == {}
    assert "not there" in reasons(tmp_path)["Train/Images/Train/x.jpg"]


def test_no_such_folder(tmp_path):
    with pytest.raises(UserError, match="no folder"):
        OpenForensicsDataset(tmp_path / "gone")


@pytest.mark.sample
def test_the_photos_are_of_the_size_that_the_list_gives(sample_root, tmp_path):
    trees.openforensics(tmp_path / "tree", Cut(sample_root, tmp_path / "cut"))
    clips = listed(tmp_path / "tree")
    assert {read_image(clip.path).shape[1::-1] for clip in clips.values()} == {PAIR}
    pack(tmp_path / "tree", "all.zip")
    clips = listed(tmp_path / "tree")
    assert {read_image(clip.path).shape[1::-1] for clip in clips.values()} == {PAIR}
