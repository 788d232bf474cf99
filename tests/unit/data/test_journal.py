import pytest

from facsimile.data.journal import Journal
from facsimile.errors import UserError


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "batch")


def test_a_first_attempt_and_those_after_it(journal):
    assert not journal.attempt()
    assert journal.attempt() and journal.attempt()


def test_what_an_attempt_left_is_cleared_away_but_for_the_guilty(journal):
    journal.attempt()
    journal.begin([3])
    journal.blame()
    (journal.folder / "images/a").mkdir(parents=True)
    (journal.folder / "images/a/1.png").touch()
    (journal.folder / ".partial-1.parquet").touch()
    journal.attempt()
    assert {path.name for path in journal.folder.iterdir()} == {"begun", "guilty"}
    assert journal.guilty() == {3}


def test_the_last_file_that_was_begun_is_guilty(journal):
    journal.attempt()
    assert journal.guilty() == set()
    for number in (0, 1, 12):
        journal.begin([number])
    journal.blame()
    journal.attempt()
    journal.begin([4])
    journal.blame()
    assert Journal(journal.folder).guilty() == {4, 12}


def test_of_files_that_are_read_together_none_is_blamed(journal):
    journal.attempt()
    journal.begin([1, 2])
    journal.blame()
    assert journal.guilty() == set()


def test_where_no_file_was_begun_none_is_blamed(journal):
    with pytest.raises(UserError, match="batch ended before it read any file"):
        journal.blame()
    journal.attempt()
    with pytest.raises(UserError, match="memory"):
        journal.blame()
