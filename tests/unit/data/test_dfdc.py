import json
from pathlib import Path

import pytest
from tests import trees
from tests.cuts import Blank, Cut
from tests.trees import write_json

from facsimile.data.dfdc import DfdcDataset
from facsimile.errors import UserError
from facsimile.media.video import VideoError, probe, read_frames


def listed(root):
    return {clip.clip: clip for clip in DfdcDataset(root).clips()}


def reasons(root):
    return {problem.path: problem.reason for problem in DfdcDataset(root).problems()}


@pytest.fixture
def full(tmp_path):
    return trees.dfdc_full(tmp_path, Blank())


def test_the_full_set(full):
    clips = listed(full)
    assert {name: clip.label for name, clip in clips.items()} == {
        "aaa": 0, "bbb": 1, "ccc": 1, "ddd": 0, "eee": 1, "fff": 1,
    }  # fmt: skip
    assert {(c.dataset, c.kind, c.subject, c.official) for c in clips.values()} == {
        ("dfdc", "video", "", "")  # the train of every part is no split
    }
    assert clips["bbb"].path == full / "dfdc_train_part_0/bbb.mp4"


def test_dfdc_trap_both_spellings_and_nested_parts(full):
    paths = [clip.path.relative_to(full).as_posix() for clip in DfdcDataset(full).clips()]
    assert paths == sorted(paths)
    assert paths[0].startswith("dfdc_train_part_0/")
    assert paths[-1].startswith("dfdc_train_part_01/dfdc_train_part_1/")


def test_dfdc_trap_a_fake_and_its_original_in_different_splits(full):
    clips = listed(full)
    groups = {clip.origin or clip.clip for clip in clips.values()}
    assert groups == {"aaa", "ddd"}
    metadata = full / "dfdc_train_part_0/metadata.json"
    entries = json.loads(metadata.read_text())
    entries["aaa.mp4"]["split"], entries["bbb.mp4"]["split"] = "validation", "test"
    write_json(metadata, entries)
    assert "bbb" not in listed(full)
    assert "its original for val" in reasons(full)["dfdc_train_part_0/bbb.mp4"]


def test_boxes_of_an_original_serve_its_fakes(full):
    boxes = {name: clip.boxes_of for name, clip in listed(full).items()}
    assert boxes == {"aaa": "", "bbb": "aaa", "ccc": "aaa", "ddd": "", "eee": "ddd", "fff": "ddd"}
    (full / "dfdc_train_part_0/aaa.mp4").unlink()
    clips = listed(full)
    assert (clips["bbb"].boxes_of, clips["bbb"].origin) == ("", "aaa")


def test_dfdc_trap_metadata_missing(full):
    (full / "dfdc_train_part_0/metadata.json").unlink()
    assert set(listed(full)) == {"ddd", "eee", "fff"}
    unlabelled = {path: why for path, why in reasons(full).items() if "no label" in why}
    names = ("aaa.mp4", "bbb.mp4", "ccc.MP4")
    assert set(unlabelled) == {f"dfdc_train_part_0/{name}" for name in names}


@pytest.mark.parametrize("text", ["{", "[]", '"a"', "\xff", ""])
def test_dfdc_trap_metadata_malformed(full, text):
    path = full / "dfdc_train_part_0/metadata.json"
    path.write_bytes(text.encode("latin-1"))
    assert set(listed(full)) == {"ddd", "eee", "fff"}
    assert "dfdc_train_part_0/metadata.json" in reasons(full)
    assert len(reasons(full)) == 5


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (None, "no object"),
        ({}, "neither REAL nor FAKE"),
        ({"label": "MAYBE"}, "neither"),
        ({"label": True}, "neither"),
        ({"label": "FAKE", "original": 7}, "no name"),
    ],
)
def test_an_entry_that_is_malformed(full, entry, reason):
    path = full / "dfdc_train_part_0/metadata.json"
    write_json(path, json.loads(path.read_text()) | {"bbb.mp4": entry})
    assert set(listed(full)) == {"aaa", "ccc", "ddd", "eee", "fff"}
    assert reason in reasons(full)["dfdc_train_part_0/bbb.mp4"]


def test_dfdc_trap_listed_file_missing(full):
    assert reasons(full) == {
        "dfdc_train_part_01/dfdc_train_part_1/gone.mp4": "metadata.json lists it: it is not there"
    }


def test_dfdc_trap_original_absent_or_null(full, tmp_path):
    clips = listed(full)  # null for aaa, absent for ddd
    assert clips["aaa"].origin == clips["ddd"].origin == ""


def test_dfdc_trap_originals_absent_altogether_in_the_sample_set(tmp_path):
    clips = listed(trees.dfdc_sample(tmp_path, Blank()))
    assert {name: (c.label, c.origin, c.boxes_of) for name, c in clips.items()} == {
        "aaa": (1, "zzz", ""),
        "bbb": (1, "zzz", ""),
        "ccc": (0, "", ""),
    }
    assert reasons(tmp_path) == {}


def test_dfdc_trap_preview_labels_are_lower_case(tmp_path):
    clips = listed(trees.dfdc_preview(tmp_path, Blank()))
    assert {name: (c.label, c.official, c.subject, c.origin) for name, c in clips.items()} == {
        "original_videos/1001/1001_A_001": (0, "train", "1001", "1001+1002"),
        "original_videos/1002/1002_A_001": (0, "train", "1002", "1001+1002"),
        "original_videos/1003/1003_A_001": (0, "test", "1003", "1003+1004"),
        "method_A/1001/1001_A_001": (1, "train", "", "1001+1002"),
        "method_B/1003/1003_B_001": (1, "test", "", "1003+1004"),
    }
    assert reasons(tmp_path) == {}


def test_preview_without_numbers_of_the_actors(tmp_path):
    trees.dfdc_preview(tmp_path, Blank())
    entries = json.loads((tmp_path / "dataset.json").read_text())
    bare = {name: {"label": e["label"], "set": e["set"]} for name, e in entries.items()}
    write_json(tmp_path / "dataset.json", bare)
    assert {clip.origin for clip in listed(tmp_path).values()} == {""}


def test_dfdc_trap_test_labels_are_numbers_in_a_csv(tmp_path):
    clips = listed(trees.dfdc_test(tmp_path, Blank()))
    assert {name: (c.label, c.official) for name, c in clips.items()} == {
        "aaa": (0, "test"),
        "bbb": (1, "test"),
    }
    (tmp_path / "test").rename(tmp_path / "validation")
    assert {clip.official for clip in listed(tmp_path).values()} == {"val"}


def test_dfdc_trap_training_parts_beside_the_test_set(tmp_path):
    trees.dfdc_full(tmp_path, Blank())
    folder = tmp_path / "test_set"
    for name in ("xxx", "yyy"):
        Blank().video(folder / f"{name}.mp4")
    (folder / "labels.csv").write_text("filename,label\nxxx.mp4,0\nyyy.mp4,1\n")
    splits = {name: clip.official for name, clip in listed(tmp_path).items()}
    assert splits == dict.fromkeys(("aaa", "bbb", "ccc", "ddd", "eee", "fff"), "") | {
        "xxx": "test",
        "yyy": "test",
    }


@pytest.mark.parametrize("above", ["train", "validation"])
def test_folders_above_the_root_say_nothing_of_the_split(tmp_path, above):
    root = trees.dfdc_test(tmp_path / above / "x", Blank())
    (root / "test").rename(root / "videos")
    assert {clip.official for clip in listed(root).values()} == {"test"}


def test_lines_that_disagree_are_set_aside_whatever_follows(tmp_path):
    trees.dfdc_test(tmp_path, Blank())
    labels = tmp_path / "test/labels.csv"
    labels.write_text("filename,label\naaa.mp4,0\naaa.mp4,1\naaa.mp4,1\nbbb.mp4,1\n")
    assert set(listed(tmp_path)) == {"bbb"}
    assert "disagree" in reasons(tmp_path)["test/videos/aaa.mp4"]


def test_a_csv_that_is_malformed(tmp_path):
    trees.dfdc_test(tmp_path, Blank())
    labels = tmp_path / "test/labels.csv"
    labels.write_text("filename,label\naaa.mp4,2\nbbb.mp4\ngone.mp4,1\n")
    assert "line 2" in reasons(tmp_path)["test/videos/aaa.mp4"]
    assert "line 3" in reasons(tmp_path)["test/videos/bbb.mp4"]
    assert "not there" in reasons(tmp_path)["test/gone.mp4"]
    labels.write_text("name,label\n")
    assert "filename" in reasons(tmp_path)["test/labels.csv"]


def test_dfdc_trap_a_name_that_repeats(full):
    copy = full / "dfdc_train_part_00"
    copy.mkdir()
    for file in (full / "dfdc_train_part_0").iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert len(listed(full)) == 6
    assert sum("same name" in reason for reason in reasons(full).values()) == 3


def test_an_entry_that_repeats_and_lists_that_disagree(full):
    path = full / "dfdc_train_part_0/metadata.json"
    path.write_text('{"aaa.mp4": {"label": "REAL"}, "aaa.mp4": {"label": "FAKE"}}')
    assert "twice" in reasons(full)["dfdc_train_part_0/aaa.mp4"]
    write_json(path, {"aaa.mp4": {"label": "REAL"}})
    write_json(full / "metadata.json", {"aaa.mp4": {"label": "FAKE"}})
    assert "disagree" in reasons(full)["dfdc_train_part_0/aaa.mp4"]


def test_one_list_above_all_parts(full):
    for path in full.glob("dfdc*/**/metadata.json"):
        path.rename(path.with_name("metadata.bak"))
    write_json(full / "metadata.json", {"eee.mp4": {"label": "FAKE"}, "aaa.mp4": {"label": "REAL"}})
    assert set(listed(full)) == {"aaa", "eee"}


def test_a_video_of_a_listed_name_in_another_folder_is_another(tmp_path):
    """The preview's base names repeat: what was not fetched is not what is there."""
    trees.dfdc_preview(tmp_path, Blank())
    entries = json.loads((tmp_path / "dataset.json").read_text())
    original, fake = "original_videos/1001/1001_A_001.mp4", "method_A/1001/1001_A_001.mp4"
    (tmp_path / original).unlink()
    write_json(tmp_path / "dataset.json", {original: entries[original]})
    assert listed(tmp_path) == {}
    told = reasons(tmp_path)
    assert told[original] == "dataset.json lists it: it is not there"
    assert told[fake].startswith("it has no label")


def test_a_path_of_a_list_is_found_further_below(tmp_path):
    trees.dfdc_preview(tmp_path / "videos", Blank())
    (tmp_path / "videos/dataset.json").rename(tmp_path / "dataset.json")
    assert len(listed(tmp_path)) == 5
    assert reasons(tmp_path) == {}


def test_several_videos_that_a_list_may_mean(tmp_path):
    trees.dfdc_test(tmp_path, Blank())
    Blank().video(tmp_path / "test/more/aaa.mp4")
    assert set(listed(tmp_path)) == {"bbb"}
    told = reasons(tmp_path)["test/aaa.mp4"]
    assert told.endswith("lists it, and may mean any of test/more/aaa.mp4, test/videos/aaa.mp4")


def test_links_out_of_the_root(full, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    trees.dfdc_sample(outside, Blank())
    (full / "linked").symlink_to(outside)
    (full / "dfdc_train_part_0/ccc.MP4").unlink()
    (full / "dfdc_train_part_0/ccc.MP4").symlink_to(outside / "train_sample_videos/ccc.mp4")
    assert "ccc" not in listed(full)
    out = [path for path, reason in reasons(full).items() if "out of the root" in reason]
    assert out == ["linked", "dfdc_train_part_0/ccc.MP4"]


def test_no_such_folder():
    with pytest.raises(UserError, match="no folder"):
        DfdcDataset(Path("no/such"))


def test_dfdc_trap_audio_only_fakes_are_documented():
    assert "sound alone" in DfdcDataset.__doc__


@pytest.mark.sample
def test_dfdc_trap_truncated_video(sample_root, tmp_path):
    clips = listed(trees.dfdc_full(tmp_path / "tree", Cut(sample_root, tmp_path / "cut")))
    cut_off, whole = clips["fff"].path, clips["eee"].path
    assert probe(cut_off).frames == sum(1 for _ in read_frames(whole)) == trees.FRAMES
    with pytest.raises(VideoError, match="cut off"):
        list(read_frames(cut_off))


@pytest.mark.sample
def test_dfdc_trap_two_faces_of_which_one_is_swapped(sample_root, tmp_path):
    clips = listed(trees.dfdc_full(tmp_path / "tree", Cut(sample_root, tmp_path / "cut")))
    infos = [probe(clips[name].path) for name in ("aaa", "ddd")]
    assert [(i.width, i.height, i.frame_rate) for i in infos] == [(360, 288, 15), (760, 300, 25)]
    assert all(info.has_audio for info in infos)
    real, fake = (next(read_frames(clips[name].path)).image for name in ("ddd", "eee"))
    difference = abs(real.astype(int) - fake).mean(-1)
    (x, y, w, h), (u, v, p, q) = trees.PAIR_BOXES
    assert difference[v : v + q, u : u + p].mean() > 5 * difference[y : y + h, x : x + w].mean()
