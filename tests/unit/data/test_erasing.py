import io
import os
import tarfile

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.withdrawal import face, known, write

from facsimile.data.assembly import read_batches, write_batches
from facsimile.data.erasing import detach, drop_members, drop_rows, erase
from facsimile.data.holdings import Person, files_of, holding


def test_erasing_leaves_the_others_as_they_were(faces):
    held = holding(files_of(faces), known(faces), sure=True)
    before = pq.read_table(faces / "faces.parquet").to_pandas()
    erase(faces, held, known(faces))
    left = pq.read_table(faces / "faces.parquet").to_pandas()
    pd.testing.assert_frame_equal(left, before.loc[[2, 4, 5]].reset_index(drop=True))
    images = {name for name in files_of(faces) if name.startswith("images")}
    assert images == set(left.path)
    assert not (faces / "images/a").exists()
    assert holding(files_of(faces), known(faces), sure=True).files == set()


@pytest.mark.parametrize("done", range(1, 4))
def test_a_killed_erasure_is_finished_by_the_next(faces, done, monkeypatch):
    person = known(faces)
    held = holding(files_of(faces), person, sure=True)
    for name in sorted(held.whole)[:done]:
        (faces / name).unlink()
    again = known(faces)
    assert again.paths == person.paths
    erase(faces, holding(files_of(faces), again, sure=True), again)
    assert set(pd.read_parquet(faces / "faces.parquet").path) == {
        "images/both/0_1.png",
        "images/bob/0.png",
        "images/other/0.png",
    }
    assert not any((faces / name).exists() for name in person.paths)


def test_read_only_hard_links_and_links_into_a_cache_are_erased(faces, tmp_path):
    linked, hard = faces / "images/a/0.png", faces / "images/both/0.png"
    store = tmp_path / "object"
    linked.rename(store)
    linked.symlink_to(store)
    os.link(hard, tmp_path / "hard")
    for path in (hard, faces / "faces.parquet"):
        path.chmod(0o444)
    held = holding(files_of(faces), known(faces), sure=True)
    store.unlink()  # the copy in the cache goes first, so that the link dangles
    erase(faces, held, known(faces))
    assert not linked.is_symlink() and not hard.exists()
    assert holding(files_of(faces), known(faces), sure=True).files == set()


def shard(path, names):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))


def test_a_shard_is_as_if_the_person_had_never_been_in_it(tmp_path):
    names = ["a/0.png", f"{'long' * 40}/0.png", "b/0.png"]
    shard(tmp_path / "x.tar", names)
    shard(tmp_path / "expected.tar", names[1:])
    drop_members(tmp_path / "x.tar", {"a/0.png"})
    assert (tmp_path / "x.tar").read_bytes() == (tmp_path / "expected.tar").read_bytes()


def test_faces_in_shards_are_found_and_an_empty_shard_goes(tmp_path):
    shard(tmp_path / "shards/1.tar", ["a/0.png", "b/0.png"])
    shard(tmp_path / "shards/2.tar", ["a/1.png"])
    paths = ["shards/1.tar/a/0.png", "shards/1.tar/b/0.png", "shards/2.tar/a/1.png"]
    rows = [face(p, who, who) for p, who in zip(paths, ("ann", "bob", "ann"), strict=True)]
    write(tmp_path, "faces.parquet", rows)
    for _ in range(2):
        held = holding(files_of(tmp_path), known(tmp_path), sure=True)
        erase(tmp_path, held, known(tmp_path))
    with tarfile.open(tmp_path / "shards/1.tar") as tar:
        assert tar.getnames() == ["b/0.png"]
        assert tar.extractfile("b/0.png").read() == b"b/0.png"
    assert not (tmp_path / "shards/2.tar").exists()
    drop_members(tmp_path / "shards/2.tar", {"a/1.png"})


def test_rows_are_dropped_from_tables_of_many_row_groups(tmp_path):
    rows = [face(f"images/{n}.png", ("ann", "bob")[n % 2], f"c{n % 2}") for n in range(40000)]
    write(tmp_path, "faces.parquet", rows)
    drop_rows(tmp_path / "faces.parquet", known(tmp_path))
    left = pq.ParquetFile(tmp_path / "faces.parquet")
    assert left.metadata.num_rows == 20000 and list(
        pd.read_parquet(tmp_path / "faces.parquet")
    ) == list(rows[0])


def test_a_table_that_is_a_link_into_the_cache_outlives_the_copy_there(faces, tmp_path):
    store = tmp_path / "object"
    (faces / "faces.parquet").rename(store)
    (faces / "faces.parquet").symlink_to(store)
    person = known(faces)
    held = holding(files_of(faces), person, sure=True)
    detach(faces, held)
    store.unlink()
    erase(faces, held, person)
    assert len(pd.read_parquet(faces / "faces.parquet")) == 3


def test_what_a_killed_erasure_was_writing_is_cleared_away(faces):
    (faces / ".partial-1.parquet").write_bytes(b"half")
    person = known(faces)
    erase(faces, holding(files_of(faces), person, sure=True), person)
    assert not (faces / ".partial-1.parquet").exists()


def batched(faces):
    """The six faces are of four batches."""
    counts = zip("pqrs", [1, 0, 3, 2], strict=True)
    rows = [{"batch": name, "key": "k", "faces": count, "rejected": 0} for name, count in counts]
    write_batches(faces / "batches.parquet", rows, faces / "faces.parquet")
    return rows


def test_the_batches_still_tell_which_rows_are_whose(faces):
    rows, person = batched(faces), known(faces)
    erase(faces, holding(files_of(faces), person, sure=True), person)
    left = zip(rows, [0, 0, 1, 2], strict=True)
    assert read_batches(faces) == [{**row, "faces": count} for row, count in left]
    assert len(pd.read_parquet(faces / "faces.parquet")) == 3


def test_batches_of_another_table_are_not_made_valid(faces):
    batched(faces)
    table = pd.read_parquet(faces / "faces.parquet")
    table.assign(frame=1).to_parquet(faces / "faces.parquet")
    person = known(faces)
    erase(faces, holding(files_of(faces), person, sure=True), person)
    assert read_batches(faces) is None
    assert len(pd.read_parquet(faces / "faces.parquet")) == 3


def test_nothing_is_taken_over_from_what_is_to_be_made_afresh(faces):
    batched(faces)
    nobody = Person("toy", "eve")
    erase(faces, holding(files_of(faces), nobody, sure=True), nobody, afresh=True)
    assert read_batches(faces)  # nothing was erased
    person = known(faces)
    erase(faces, holding(files_of(faces), person, sure=True), person, afresh=True)
    assert not (faces / "batches.parquet").exists()
    assert len(pd.read_parquet(faces / "faces.parquet")) == 3
