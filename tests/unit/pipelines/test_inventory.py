from pathlib import Path

import pandas as pd
import pytest
from hydra import compose, initialize_config_dir

from facsimile.errors import UserError
from facsimile.pipelines import inventory

CONF = Path(__file__).resolve().parents[3] / "conf"


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "clips"
    (root / "part").mkdir(parents=True)
    for name in ("a.mp4", "part/b.mp4", ".hidden"):
        (root / name).write_bytes(name.encode())
    return root


def run(tmp_path, *overrides):
    given = [f"paths.root={tmp_path}", "data=folder", f"data.root={tmp_path}/clips", *overrides]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        inventory.run(compose("config", given))
    return tmp_path / "data/inventory/folder"


def test_files_are_listed_with_no_decision(root, tmp_path, capsys):
    folder = run(tmp_path)
    listed = pd.read_parquet(folder / "inventory.parquet")
    assert list(listed.path) == ["a.mp4", "part/b.mp4"] and listed.sha256.isna().all()
    assert (folder / "decisions.csv").read_text() == "path,decision\n"
    told = capsys.readouterr().err
    assert "2 files" in told and "cannot be used" not in told


def test_a_change_of_the_decisions_changes_their_copy_alone(root, tmp_path):
    files = ("inventory.parquet", "decisions.csv")
    by_hand = tmp_path / "by_hand.csv"
    seen = []
    for lines in ("", "images/a.png,keep\n", "images/a.png,drop\n"):
        by_hand.write_text(f"path,decision\n{lines}")
        folder = run(tmp_path, "data.decisions=by_hand.csv")
        seen.append([(folder / name).read_bytes() for name in files])
    assert len({listed for listed, _ in seen}) == 1 and len({copy for _, copy in seen}) == 3
    assert seen[2][1] == by_hand.read_bytes()


def test_decisions_that_are_not_there_leave_the_earlier_list(root, tmp_path):
    folder = run(tmp_path)
    (root / "c.mp4").write_bytes(b"c")
    with pytest.raises(UserError, match="decisions in .*gone"):
        run(tmp_path, "data.decisions=gone.csv")
    assert len(pd.read_parquet(folder / "inventory.parquet")) == 2


def test_what_cannot_be_used_is_told_and_listed(root, tmp_path, capsys):
    for number in range(12):
        (root / f"link{number:02d}.mp4").symlink_to("/nothing/there.mp4")
    folder = run(tmp_path, "data.hash=true")
    assert len(pd.read_parquet(folder / "inventory.parquet")) == 14
    told = capsys.readouterr().err
    assert "12 of them cannot be used:" in told and "and 2 more" in told
    assert "link00.mp4: it is a link that leads out of the root" in told


def test_without_its_root_the_data_set_is_named(tmp_path):
    with pytest.raises(UserError, match="clips, the root of data=folder"):
        run(tmp_path)


def test_only_an_earlier_list_is_replaced(root, tmp_path):
    run(tmp_path)
    folder = run(tmp_path)
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="thesis"):
        run(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "decisions.csv",
        "inventory.parquet",
        "thesis.txt",
    ]
