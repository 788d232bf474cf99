import zipfile

import pytest

from facsimile.data import lists
from facsimile.data.lists import ListError, read_csv, read_json


def test_keys_that_repeat_and_keys_that_are_dropped(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": {"x": 1, "big": [1]}, "b": 2, "a": {"x": 3, "big": {"x": 1}}}')
    assert read_json(path, drop=("big",)) == ({"a": {"x": 3}, "b": 2}, ["a"])


@pytest.mark.parametrize("content", [b" ", b"{", b"\xff\xfe\x00", b"[" * 100_000])
def test_no_json(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ListError, match="no JSON"):
        read_json(tmp_path / "a.json")


def test_json_with_the_mark_that_some_editors_write(tmp_path):
    (tmp_path / "a.json").write_text("{}", encoding="utf-8-sig")
    assert read_json(tmp_path / "a.json") == ({}, [])


def test_rows_longer_and_shorter_than_the_header(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("path,label\na, 1 ,more\n\nb\n")
    assert list(read_csv(path, ["path"])) == [
        (2, {"path": "a", "label": "1"}),
        (4, {"path": "b", "label": ""}),
    ]


def test_what_is_not_there(tmp_path):
    for reader in (read_json, lambda path: list(read_csv(path, []))):
        with pytest.raises(ListError, match="cannot be read"):
            reader(tmp_path / "gone")


def test_lists_in_an_archive(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/a.json", '{"a": 1}')
        archive.writestr("x/a.csv", "\ufeffpath,label\nä,1\n")
    assert read_json(path / "x/a.json") == ({"a": 1}, [])
    assert list(read_csv(path / "x/a.csv", ["path"])) == [(2, {"path": "ä", "label": "1"})]
    for reader in (read_json, lambda path: list(read_csv(path, []))):
        with pytest.raises(ListError, match=r"^it cannot be read: a\.zip has no file x/b$"):
            reader(path / "x/b")


def test_a_list_that_unpacks_to_more_than_any_has(tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "LIST_LIMIT", 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", " " * 1001)
    with pytest.raises(ListError, match="more than 1000 bytes"):
        read_json(tmp_path / "a.zip/a.json")


@pytest.mark.parametrize("content", [b"a,b\n\xff,1", b"a" * 200_000])
def test_no_csv(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(ListError, match=r"no CSV in UTF-8|lacks the column"):
        list(read_csv(tmp_path / "a.csv", ["a"]))


def test_an_empty_list(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    for reader in (read_json, lambda path: list(read_csv(path, []))):
        with pytest.raises(ListError, match="it is empty"):
            reader(tmp_path / "a")
