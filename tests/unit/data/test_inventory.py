import os

from facsimile.data.inventory import INVENTORY, Stamps, stamps, take_inventory
from facsimile.data.tables import write_parquet


def tree(root):
    (root / "b").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("b/two.mp4", "a.mp4", ".hidden", ".git/object"):
        (root / name).write_bytes(name.encode())
    (root / "nowhere.mp4").symlink_to(root / "gone")
    return root


def test_every_file_in_order_by_time(tmp_path):
    rows = take_inventory(tree(tmp_path / "raw"), hashed=False)
    assert [row["path"] for row in rows] == ["a.mp4", "b/two.mp4", "nowhere.mp4"]
    stat = (tmp_path / "raw/a.mp4").stat()
    assert (rows[0]["size"], rows[0]["modified"]) == (5, stat.st_mtime_ns)
    assert rows[0]["sha256"] is None


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
    write_parquet(listed, take_inventory(root, hashed=True), INVENTORY)
    known = stamps(root, listed)
    (content,) = known.of(root / "a.mp4")
    assert len(content) == 64
    later = listed.stat().st_mtime + 10
    os.utime(root / "a.mp4", (later, later))
    assert known.of(root / "a.mp4") == [5, (root / "a.mp4").stat().st_mtime_ns]
    assert known.of(root / "gone") is None


def test_a_member_of_an_archive_changes_with_it(tmp_path):
    archive = tmp_path / "photos.zip"
    archive.write_bytes(b"zip")
    assert Stamps(tmp_path, {}, 0).of(archive / "a/b.jpg") == [3, archive.stat().st_mtime_ns]
