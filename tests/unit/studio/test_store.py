import threading

import pytest
import yaml
from tests.made_studio import described

from facsimile.data.description import DataSetDescription
from facsimile.errors import UserError
from facsimile.studio.errors import NotFoundError, RefusedError, StaleError, TakenError
from facsimile.studio.files import DescriptionFiles
from facsimile.studio.store import DataSets
from facsimile.studio.tables import open_database


@pytest.fixture
def composed():
    """What Hydra would make of files that were written by hand: name to fields."""
    return {}


@pytest.fixture
def store(tmp_path, composed):
    return open_store(tmp_path, composed)


def open_store(tmp_path, composed):
    def compose(name):
        if name not in composed:
            raise UserError("it cannot be composed")
        return composed[name]

    engine = open_database(tmp_path / "studio.db")
    return DataSets(engine, DescriptionFiles(tmp_path / "local"), lambda said: [], compose)


def said(tmp_path, name="mine", **more):
    return DataSetDescription(**described(tmp_path, name, **more))


def by_hand(store, name, text):
    store.files.folder.mkdir(parents=True, exist_ok=True)
    store.files.path(name).write_text(text)


def names(page):
    return [item.name for item in page.items]


def test_what_is_created_is_read_back(store, tmp_path):
    made = store.create(said(tmp_path, details="some\nlines: of #text"))
    assert store.get("mine") == made
    assert made.description.details == "some\nlines: of #text"
    assert (made.number, made.state) == (1, "new")


def test_the_file_is_the_truth_and_its_bytes_are_the_tag(store, tmp_path):
    import hashlib

    made = store.create(said(tmp_path))
    content = store.files.path("mine").read_bytes()
    assert made.etag == hashlib.sha256(content).hexdigest()[:32]
    assert yaml.safe_load(content)["data"]["name"] == "mine"


def test_a_name_is_taken_once(store, tmp_path):
    store.create(said(tmp_path))
    with pytest.raises(TakenError):
        store.create(said(tmp_path, licence="another"))
    assert store.get("mine").description.licence != "another"


def test_a_change_of_an_old_version_is_refused_and_nothing_lost(store, tmp_path):
    first = store.create(said(tmp_path)).etag
    second = store.replace("mine", said(tmp_path, details="Ann"), first)
    with pytest.raises(StaleError):
        store.replace("mine", said(tmp_path, details="Bob"), first)
    assert store.get("mine") == second


def test_of_many_changes_at_once_one_is_made(store, tmp_path):
    tag = store.create(said(tmp_path)).etag
    done, refused = [], []

    def change(number):
        try:
            done.append(store.replace("mine", said(tmp_path, details=f"by {number}"), tag))
        except StaleError:
            refused.append(number)

    threads = [threading.Thread(target=change, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), len(refused)) == (1, 7)
    assert store.get("mine").description.details == done[0].description.details


def test_an_edit_by_hand_counts_as_a_change(store, composed, tmp_path):
    tag = store.create(said(tmp_path)).etag
    composed["mine"] = described(tmp_path, details="by hand")
    path = store.files.path("mine")
    path.write_text(path.read_text() + "# by hand\n")
    with pytest.raises(StaleError):
        store.replace("mine", said(tmp_path, details="studio"), tag)
    found = store.get("mine")
    assert found.description.details == "by hand"
    assert (found.number, found.yaml[-10:]) == (1, "# by hand\n")


def test_a_file_that_was_added_by_hand_is_listed(store, composed, tmp_path):
    composed["lab"] = described(tmp_path, "lab")
    by_hand(store, "lab", "defaults: [folder]\n")
    by_hand(store, "Not A Name", "x")
    assert names(store.list()) == ["lab"]


def test_a_file_that_cannot_be_understood_is_listed_with_the_reason(store, composed, tmp_path):
    by_hand(store, "broken", "a: [")
    composed["odd"] = described(tmp_path, "odd", crop=3)
    by_hand(store, "odd", "defaults: [folder]\n")
    composed["other"] = described(tmp_path, "name")
    by_hand(store, "other", "defaults: [folder]\n")
    assert [item.state for item in store.list().items] == ["invalid"] * 3
    assert "composed" in store.get("broken").error
    assert "crop" in store.get("odd").error
    assert "name" in store.get("other").error
    with pytest.raises(RefusedError, match="composed"):
        store.described("broken")


def test_a_file_that_was_deleted_by_hand_is_gone_and_can_come_back(store, tmp_path):
    made = store.create(said(tmp_path))
    store.files.path("mine").unlink()
    with pytest.raises(NotFoundError):
        store.get("mine")
    assert store.undo("mine").etag == made.etag


def test_a_deletion_is_undone_to_the_byte(store, tmp_path):
    made = store.create(said(tmp_path, degradations=["darken", "lighten"]))
    chain = tmp_path / "local/degradation/mine_chain.yaml"
    before = store.files.path("mine").read_bytes(), chain.read_bytes()
    store.delete("mine", made.etag)
    assert not store.files.path("mine").exists() and not chain.exists()
    assert names(store.list()) == []
    assert store.undo("mine").number == made.number
    assert (store.files.path("mine").read_bytes(), chain.read_bytes()) == before


def test_a_deletion_of_an_old_version_is_refused(store, tmp_path):
    first = store.create(said(tmp_path)).etag
    store.replace("mine", said(tmp_path, details="new"), first)
    with pytest.raises(StaleError):
        store.delete("mine", first)
    store.get("mine")


def test_a_name_may_be_used_again_but_a_number_is_not(store, tmp_path):
    store.create(said(tmp_path, details="old"))
    store.delete("mine")
    assert store.create(said(tmp_path, details="new")).number == 2
    with pytest.raises(TakenError):
        store.undo("mine")
    assert store.get("mine").description.details == "new"


def test_nothing_is_undone_that_was_not_deleted(store):
    with pytest.raises(NotFoundError):
        store.undo("mine")


def test_a_name_stays(store, tmp_path):
    tag = store.create(said(tmp_path)).etag
    with pytest.raises(RefusedError, match="name"):
        store.replace("mine", said(tmp_path, "yours"), tag)


def test_lists_are_sorted_and_cut_into_pages(store, tmp_path):
    for name in ("b", "c", "a"):
        store.create(said(tmp_path, name))
    assert names(store.list()) == ["b", "c", "a"]
    assert names(store.list(sort="-number")) == ["a", "c", "b"]
    assert names(store.list(sort="name")) == ["a", "b", "c"]
    second = store.list(sort="name", page=2, size=2)
    assert (names(second), second.total, second.pages) == (["c"], 3, 2)
    assert names(store.list(page=9)) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ann", ["x"]),
        ("LAB", ["x", "y"]),
        ("lab ann", ["x"]),
        ("100%", ["y"]),
        ("%", ["y"]),
        ("_", []),
    ],
)
def test_every_word_is_sought_as_it_stands(store, tmp_path, search, found):
    store.create(said(tmp_path, "x", details="Ann of the lab"))
    store.create(said(tmp_path, "y", source="lab, 100% mine"))
    assert names(store.list(search)) == found


def test_it_outlives_the_server(store, composed, tmp_path):
    made = store.create(said(tmp_path))
    store.delete("mine")
    again = open_store(tmp_path, composed)
    assert again.undo("mine") == made


def test_readers_look_at_the_files_now_and_then_and_changes_always(tmp_path, composed):
    store = open_store(tmp_path, composed)
    store._pause = 3600
    tag = store.create(said(tmp_path)).etag
    composed["mine"] = described(tmp_path, details="by hand")
    store.list()
    path = store.files.path("mine")
    path.write_text(path.read_text() + "# by hand\n")
    assert store.get("mine").etag == tag
    with pytest.raises(StaleError):
        store.replace("mine", said(tmp_path), tag)
