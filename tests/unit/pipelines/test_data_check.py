import json

import pytest
from tests import trees
from tests.trees import Blank, Cut

from facsimile.pipelines import cli

KNOBS = ("++data_check.probe=2", "++data_check.problems=3")


def check(*overrides):
    return cli.main(["data-check", *KNOBS, *overrides])


@pytest.mark.parametrize(
    ("name", "plant", "splits"),
    [
        ("dfdc", trees.dfdc_full, {"none": {"real": 2, "fake": 4}}),
        ("dfdc", trees.dfdc_test, {"test": {"real": 1, "fake": 1}}),
        (
            "openforensics",
            trees.openforensics,
            {
                "train": {"real": 0, "fake": 2},
                "val": {"real": 1, "fake": 0},
                "test": {"real": 0, "fake": 2},
            },
        ),
        (
            "openforensics_crops",
            trees.openforensics_crops,
            {split: {"real": 2, "fake": 2} for split in ("train", "val", "test")},
        ),
        (
            "faceforensics",
            trees.faceforensics,
            {
                "train": {"real": 2, "fake": 4},
                "val": {"real": 2, "fake": 4},
                "none": {"real": 2, "fake": 1},
            },
        ),
        ("folder", trees.folder, {"none": {"real": 6, "fake": 0}}),
    ],
)
def test_every_data_set_is_counted(tmp_path, capsys, name, plant, splits):
    root, output = plant(tmp_path / "tree", Blank()), tmp_path / "new/found.json"
    assert check(f"data={name}", f"data.root={root}", f"output={output}") == 0
    found, printed = json.loads(output.read_text()), capsys.readouterr().out
    assert (found["dataset"], found["splits"]) == (name, splits)
    assert found["clips"] == sum(sum(labels.values()) for labels in splits.values())
    assert found["bytes"] > 0 and len(found["opened"]) == 2
    assert f"{found['clips']} clips" in printed
    assert str(tmp_path) not in output.read_text()


def test_problems_are_counted_by_reason_and_the_first_are_shown(tmp_path, capsys):
    root = trees.dfdc_full(tmp_path / "tree", Blank())
    (root / "dfdc_train_part_0/metadata.json").unlink()
    listed = ["data=dfdc", f"data.root={root}", "data_check.probe=0"]  # which are no videos
    assert check(*listed, f"output={tmp_path / 'found.json'}") == 0
    printed, found = capsys.readouterr().out, json.loads((tmp_path / "found.json").read_text())
    assert "4 problems" in printed and "  3 x it has no label" in printed
    assert "the first 3:" in printed
    assert len(found["problems"]) == sum(found["reasons"].values()) == 4
    assert printed.count("dfdc_train_part_0/") == 2  # with the missing one, three of four
    check(*listed, f"output={tmp_path / 'again.json'}")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "found.json").read_bytes()


def test_marked_faces_subjects_and_origins(tmp_path):
    root, output = tmp_path / "tree", tmp_path / "found.json"
    trees.openforensics(root, Blank())
    check("data=openforensics", f"data.root={root}", f"output={output}")
    found = json.loads(output.read_text())
    assert found["marked_faces"] == {"real": 4, "fake": 3}
    assert (found["subjects"], found["origins"]) == (0, 5)
    root = trees.faceforensics(tmp_path / "ff", Blank())
    check("data=faceforensics", f"data.root={root}", f"output={output}")
    found = json.loads(output.read_text())
    assert (found["subjects"], found["origins"], found["share_boxes"]) == (2, 3, 9)


def test_labels_from_a_pattern_on_the_command_line(tmp_path):
    root, output = trees.folder(tmp_path / "tree", Blank()), tmp_path / "found.json"
    pattern = "data.pattern=**/{label}/{subject}/{name}"
    assert check("data=folder", f"data.root={root}", pattern, f"output={output}") == 0
    assert json.loads(output.read_text())["splits"] == {"none": {"real": 4, "fake": 2}}


def test_nothing_that_can_be_used(tmp_path, capsys):
    Blank().video(tmp_path / "a.mp4")
    assert check("data=dfdc", f"data.root={tmp_path}") == 2
    told = capsys.readouterr()
    assert "nothing below" in told.err and "data.root=" in told.err
    assert "a.mp4: it has no label" in told.out


def test_no_such_root(tmp_path, capsys):
    assert check("data=dfdc", f"data.root={tmp_path / 'gone'}") == 2
    assert "gone" in capsys.readouterr().err


@pytest.mark.sample
def test_some_files_are_opened(sample_root, tmp_path):
    root, output = tmp_path / "tree", tmp_path / "found.json"
    trees.dfdc_full(root, Cut(sample_root, tmp_path / "cut"))
    (root / "dfdc_train_part_0/aaa.mp4").write_bytes(b"")
    check("data=dfdc", f"data.root={root}", f"output={output}", "++data_check.probe=100")
    found = json.loads(output.read_text())
    assert found["empty_files"] == 1
    assert found["opened"][0]["reason"]
    assert found["opened"][1] == {
        "path": "dfdc_train_part_0/bbb.mp4",
        "kind": "video",
        "width": 360,
        "height": 288,
        "frame_rate": 15.0,
        "frames": 12,
        "sound": True,
    }


@pytest.mark.sample
def test_the_sample_and_a_folder_of_photos(sample_root, tmp_path, capsys):
    assert check("data=sample", f"data.root={sample_root}") == 0
    assert "405 clips" in capsys.readouterr().out
    Cut(sample_root, tmp_path / "cut").photo(tmp_path / "in/a.jpg")
    assert check(f"input={tmp_path / 'in'}") == 0
    assert "width=360" in capsys.readouterr().out
