import os

import pytest

from facsimile.data.inventory import INVENTORY, Stamps, stamps, take_inventory
from facsimile.data.tables import write_parquet
from facsimile.errors import UserError


def tree(root):
    (root / "b").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("b/two.mp4", "a.mp4", ".hidden", ".git/object"):
        (root / name).write_bytes(name.encode())
    (root / "nowhere.mp4").symlink_to(root / "gone")
    return root


def test_every_file_in_order_by_time(tmp_path):
    rows, problems = take_inventory(tree(tmp_path / "raw"), hashed=False)
    assert [row["path"] for row in rows] == ["a.mp4", "b/two.mp4", "nowhere.mp4"]
    stat = (tmp_path / "raw/a.mp4").stat()
    assert (rows[0]["size"], rows[0]["modified"]) == (5, stat.st_mtime_ns)
    assert rows[0]["sha256"] is None
    assert [problem.path for problem in problems] == ["nowhere.mp4"]


def test_by_content_a_touched_file_is_the_same(tmp_path):
    root = tree(tmp_path / "raw")
    before = take_inventory(root, hashed=True)
    os.utime(root / "a.mp4", (1, 1))
    assert take_inventory(root, hashed=True) == before
    (root / "a.mp4").write_bytes(b"x.mp4")
    assert take_inventory(root, hashed=True) != before


def test_stamps_trust_an_inventory_no_further_than_it_goes(tmp_path):
    root = tree(tmp_path / "raw")
    listed = tmp_path / "inventory.parquet"
    write_parquet(listed, take_inventory(root, hashed=True)[0], INVENTORY)
    known = stamps(root, listed)
    (content,) = known.of(root / "a.mp4")
    assert len(content) == 64
    later = listed.stat().st_mtime + 10
    os.utime(root / "a.mp4", (later, later))
    assert known.of(root / "a.mp4") == [5, (root / "a.mp4").stat().st_mtime_ns]
    assert known.of(root / "gone") is None


def test_content_tells_a_file_with_and_without_its_inventory(tmp_path):
    """So that what was extracted before an inventory was taken is known after it."""
    root, listed = tree(tmp_path / "raw"), tmp_path / "inventory.parquet"
    before = stamps(root, listed, hashed=True).of(root / "a.mp4")
    write_parquet(listed, take_inventory(root, hashed=True)[0], INVENTORY)
    assert stamps(root, listed, hashed=True).of(root / "a.mp4") == before
    (root / "a.mp4").write_bytes(b"x.mp4")
    assert stamps(root, listed, hashed=True).of(root / "a.mp4") != before


def test_a_member_of_an_archive_changes_with_it(tmp_path):
    archive = tmp_path / "photos.zip"
    archive.write_bytes(b"zip")
    assert Stamps(tmp_path, {}, 0).of(archive / "a/b.jpg") == [3, archive.stat().st_mtime_ns]


@pytest.fixture
def linked(tmp_path):
    """A data set with links out of it, to a file and to a folder, and one to a file of its own."""
    outside, root = tmp_path / "outside", tmp_path / "raw"
    (outside / "more").mkdir(parents=True)
    (outside / "secret.mp4").write_bytes(b"secret")
    root.mkdir()
    (root / "own.mp4").write_bytes(b"own")
    targets = {"out.mp4": outside / "secret.mp4", "more": outside / "more", "in.mp4": "own.mp4"}
    for name, target in targets.items():
        (root / name).symlink_to(target)
    return root


@pytest.mark.parametrize("hashed", [True, False])
def test_links_that_lead_out_are_told_by_themselves(linked, hashed):
    before, problems = take_inventory(linked, hashed)
    assert [row["path"] for row in before] == ["in.mp4", "more", "out.mp4", "own.mp4"]
    assert {problem.path for problem in problems} == {"more", "out.mp4"}
    assert all("leads out of the root" in problem.reason for problem in problems)
    (linked.parent / "outside/secret.mp4").write_bytes(b"something else")
    assert take_inventory(linked, hashed)[0] == before
    if hashed:
        assert before[0]["sha256"] == before[3]["sha256"]  # a link within is its file
    (linked / "out.mp4").unlink()
    (linked / "out.mp4").symlink_to(linked.parent / "outside/other.mp4")
    assert take_inventory(linked, hashed)[0] != before


@pytest.mark.parametrize("hashed", [True, False])
def test_a_file_that_cannot_be_read_is_told_and_differs_once_it_can(tmp_path, hashed, monkeypatch):
    root = tree(tmp_path / "raw")
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: "two" not in str(path))
        before, problems = take_inventory(root, hashed)
        assert stamps(root, None).of(root / "b/two.mp4") is None
    assert "b/two.mp4" in {problem.path for problem in problems}
    assert before[1] == {"path": "b/two.mp4", "size": 0, "modified": None, "sha256": None}
    after = take_inventory(root, hashed)[0]
    assert [row["path"] for row in after] == [row["path"] for row in before]
    assert after[1] != before[1] and after[0] == before[0]


def test_a_folder_that_cannot_be_listed_is_told_and_has_a_row(tmp_path, monkeypatch):
    root = tree(tmp_path / "raw")
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", _refusing(root / "b"))
        rows, problems = take_inventory(root, hashed=True)
    assert [row["path"] for row in rows] == ["a.mp4", "b", "nowhere.mp4"]
    assert "its files cannot be listed: Permission denied" in {p.reason for p in problems}
    assert take_inventory(root, hashed=True)[0] != rows


def test_a_root_that_cannot_be_listed_stops_it(tmp_path, monkeypatch):
    root = tree(tmp_path / "raw")
    monkeypatch.setattr(os, "scandir", _refusing(root))
    with pytest.raises(UserError, match="raw is no data set.*Permission denied"):
        take_inventory(root, hashed=False)


def _refusing(folder, scandir=os.scandir):
    def refuse(path):
        if os.path.normpath(path) == str(folder):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    return refuse


def test_a_pipe_is_listed_and_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    rows, _ = take_inventory(tmp_path, hashed=True)
    assert rows == [{"path": "pipe.mp4", "size": 0, "modified": None, "sha256": None}]


def test_a_name_that_is_no_utf_8_is_listed_with_a_mark(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.mp4")).write_bytes(b"x")
    rows, problems = take_inventory(tmp_path, hashed=True)
    assert [row["path"] for row in rows] == ["caf\N{REPLACEMENT CHARACTER}.mp4"]
    assert "not UTF-8" in problems[0].reason
    write_parquet(tmp_path / "inventory.parquet", rows, INVENTORY)
