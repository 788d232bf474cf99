"""What `facsimile extract` refuses, and what it tells before it begins."""

import numpy as np
import pytest
import yaml

from facsimile.media.image import write_image
from facsimile.pipelines.cli import main
from facsimile.pipelines.work_folder import work_folder

pytestmark = pytest.mark.sample


@pytest.fixture
def folder(tmp_path):
    """A picture without a face."""
    write_image(tmp_path / "input/grey.png", np.full((72, 96, 3), 90, np.uint8))
    return tmp_path / "input"


@pytest.fixture
def arguments(folder, models_root):
    return ["extract", f"input={folder}", f"paths.models={models_root}", "executor=inline"]


def test_two_at_once_are_refused(arguments, tmp_path, capsys):
    command = [*arguments, f"output={tmp_path / 'out'}"]
    with work_folder(tmp_path / ".out.partial"):
        assert main(command) == 2
    assert ".out.partial is being worked on by another run" in capsys.readouterr().err
    assert main(command) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"input", "out"}


def test_following_faces_is_told_to_be_ignored_where_frames_are_spaced(arguments, tmp_path, capsys):
    command = [*arguments, f"output={tmp_path / 'out'}", "params.extract.every=5"]
    assert main(command) == 0
    assert "is ignored" not in capsys.readouterr().err
    assert main([*command, "data.frames=3"]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "ignored" in line]
    assert len(told) == 1 and "params.extract.every=5" in told[0] and "data.frames=null" in told[0]


def test_input_needs_an_output_so_that_no_data_set_is_replaced(folder, tmp_path, capsys):
    places = [f"paths.faces={tmp_path}/faces", f"paths.work={tmp_path}/work"]
    assert main(["extract", f"input={folder}", *places]) == 2
    assert "output=DIR" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["input"]


def test_what_failed_before_the_first_clip_leaves_nothing(arguments, tmp_path):
    assert main([*arguments, "detector.model=/nowhere.onnx", f"output={tmp_path}/zz"]) == 2
    (tmp_path / "none").mkdir()
    empty = [a for a in arguments if "input" not in a]
    assert main([*empty, f"input={tmp_path}/none", f"output={tmp_path}/zz"]) == 2
    (tmp_path / "sources.yaml").write_text("{}")
    assert main([*empty, f"data.root={tmp_path}", f"output={tmp_path}/zz"]) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"input", "none", "sources.yaml"}


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("input=/nowhere/gone.mp4", "/nowhere/gone.mp4"),
        ("data.root=/nowhere/data", "/nowhere/data"),
        ("detector.model=/nowhere/net.onnx", "/nowhere/net.onnx"),
    ],
)
def test_what_is_missing_is_named(arguments, tmp_path, capsys, override, named):
    first = [a for a in arguments if not override.startswith("data") or "input" not in a]
    assert main([*first, override, f"output={tmp_path / 'out'}"]) == 2
    assert named in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_two_files_cannot_be_one_clip(sample_root, tmp_path, capsys):
    source = yaml.safe_load((sample_root / "sources.yaml").read_text())
    (tmp_path / "clips/again").mkdir(parents=True)
    files = [{"path": "clips/franck.mp4"}, {"path": "clips/again/franck.mp4"}]
    for file in files:
        (tmp_path / file["path"]).write_bytes(b"")
    source = {"franck": source["franck"] | {"files": files}}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump(source))
    assert main(["extract", f"data.root={tmp_path}", f"output={tmp_path / 'out'}"]) == 2
    assert "again/franck.mp4" in capsys.readouterr().err
