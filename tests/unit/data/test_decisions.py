import pytest

from facsimile.data.decisions import copy_decisions, read_decisions
from facsimile.errors import UserError

KNOWN = {"images/a/000001.png", "images/a/000002.png", "images/b, c/000003.png"}


def read(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "decisions.csv"
    file.write_bytes(text.encode(encoding))
    return read_decisions(file, KNOWN)


def test_each_path_has_its_word(tmp_path):
    text = 'path,decision\nimages/a/000001.png,keep\n\n"images/b, c/000003.png", Drop\n'
    found = {"images/a/000001.png": "keep", "images/b, c/000003.png": "drop"}
    assert read(tmp_path, text) == found
    assert read(tmp_path, text.replace("\n", "\r\n"), "utf-8-sig") == found


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "line 1: give path,decision"),
        ("file,what\n", "line 1.*file,what"),
        ("path,decision\nimages/a/000001.png,keep\nimages/zoe.png,drop\n", "line 3: no face is"),
        ("path,decision\n\nimages/a/000001.png,maybe\n", "line 3.*maybe.*keep or drop"),
        ("path,decision\nimages/a/000001.png\n", "line 2.*keep or drop"),
        (
            "path,decision\nimages/a/000001.png,keep\nimages/a/000001.png,drop\n",
            "line 3.*stands there twice",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, lines, told):
    with pytest.raises(UserError, match=rf"decisions\.csv, {told}"):
        read(tmp_path, lines)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UserError, match="nothing.csv"):
        read_decisions(tmp_path / "nothing.csv", KNOWN)
    with pytest.raises(UserError, match="cannot read"):
        read(tmp_path, "path,decision\nimages/ä,keep\n", "latin-1")


def test_a_copy_is_the_same_to_the_byte(tmp_path):
    given = b"path,decision\r\nimages/\xe4.png,keep\r\n"
    (tmp_path / "given.csv").write_bytes(given)
    copy_decisions(tmp_path / "given.csv", tmp_path / "copy.csv")
    assert (tmp_path / "copy.csv").read_bytes() == given


def test_the_copy_of_no_file_decides_nothing(tmp_path):
    copy_decisions(None, tmp_path / "copy.csv")
    assert read_decisions(tmp_path / "copy.csv", KNOWN) == {}


def test_a_file_that_is_not_there_is_not_taken_for_none(tmp_path):
    with pytest.raises(UserError, match="cannot read the decisions in .*gone"):
        copy_decisions(tmp_path / "gone.csv", tmp_path / "copy.csv")
