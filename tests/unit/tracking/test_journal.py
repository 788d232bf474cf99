"""Entries come back in their order, whatever was killed while they were written or sent."""

import json
import multiprocessing
import os
import subprocess
import sys

import pytest

from facsimile.tracking.journal import Journal


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "spool" / "abc")


def values(journal):
    return [entry["n"] for entry, _ in journal.entries()]


def test_entries_come_in_their_order_until_they_are_sent(journal):
    for n in range(4):
        journal.append({"n": n})
    places = [place for _, place in journal.entries()]
    assert values(journal) == [0, 1, 2, 3]
    journal.sent(places[1])
    assert values(journal) == [2, 3] and not journal.is_sent
    assert values(Journal(journal.folder)) == [2, 3]  # another process reads the same
    journal.sent(places[3])
    assert journal.is_sent
    journal.append({"n": 9})
    assert values(journal) == [9]


@pytest.mark.parametrize("torn", [b'{"n": 1', b'{"n": "a\xff', b"[1]\n", b"\n"])
def test_what_a_kill_left_of_a_line_is_passed_over(journal, torn):
    journal.append({"n": 0})
    with (journal.folder / "journal.jsonl").open("ab") as file:
        file.write(torn)
    assert values(journal) == [0]
    journal.append({"n": 2})
    assert values(journal) == [0, 2]


def test_a_kept_file_stays_as_it_was(journal, tmp_path):
    path = tmp_path / "metrics.json"
    path.write_text("one")
    place = journal.keep(path)
    fresh = tmp_path / "fresh"
    fresh.write_text("two")
    fresh.replace(path)  # how files are written here
    assert journal.file(place).read_text() == "one" and journal.file(place).name == path.name
    path.unlink()
    assert journal.file(place).read_text() == "one"
    journal.drop(place)
    assert not journal.file(place).exists()


def test_a_folder_is_kept_whole_and_two_of_one_name_apart(journal, tmp_path):
    folder = tmp_path / "tables"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/a.csv").write_text("a")
    first, second = journal.keep(folder), journal.keep(folder)
    assert first != second
    assert (journal.file(first) / "deep/a.csv").read_text() == "a"


def test_the_id_of_a_run_that_began_without_a_server_outlives_the_journal(tmp_path):
    local = Journal(tmp_path / "local-1")
    local.append({"n": 0})
    assert local.run_id is None
    local.created("f00d")
    local.sent(next(place for _, place in local.entries()))
    local.clear()
    assert Journal(tmp_path / "local-1").run_id == "f00d" and local.is_sent


def test_nothing_is_left_of_a_sent_journal_but_what_was_refused(journal):
    journal.append({"n": 0})
    journal.sent(journal.end)
    journal.clear()
    assert not journal.folder.exists()
    journal.append({"n": 1})
    journal.refuse({"n": 1}, "no such key")
    journal.sent(journal.end)
    journal.clear()
    [line] = (journal.folder / "refused.jsonl").read_text().splitlines()
    assert json.loads(line) == {"n": 1, "reason": "no such key"}


def _append(folder, number):
    for n in range(200):
        Journal(folder).append({"n": n, "by": number})


def test_several_processes_add_whole_lines(journal):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append, args=(journal.folder, n)) for n in range(3)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    entries = [entry for entry, _ in journal.entries()]
    for number in range(3):
        assert [one["n"] for one in entries if one["by"] == number] == list(range(200))


def test_what_comes_while_a_journal_is_cleared_is_not_lost(journal):
    journal.append({"n": 0})
    journal.sent(journal.end)
    journal.append({"n": 1})  # by the training, after `track` had sent the rest
    journal.clear()
    assert values(journal) == [1]


def test_a_journal_that_another_sends_from_is_not_cleared(journal):
    """What it notes as sent would be of lines that are gone: later ones would pass for sent."""
    journal.append({"n": 0})
    journal.sent(journal.end)
    with Journal(journal.folder).sending():
        journal.clear()
    assert journal.end > 0


OWN = """
import os, sys, time
from pathlib import Path
from facsimile.tracking.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.own()
if os.fork() == 0:  # as a worker that loads data
    time.sleep(60)
print(os.getpid(), flush=True)
time.sleep(60)
"""


def test_a_run_is_its_processs_own_until_that_is_killed(journal):
    assert journal.is_owned is None  # nobody ever said
    owner = subprocess.Popen(
        [sys.executable, "-c", OWN, str(journal.folder)],
        stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        owner.stdout.readline()
        assert journal.is_owned is True
        owner.kill()
        owner.wait()
        assert journal.is_owned is False  # what it forked still lives
    finally:
        os.killpg(owner.pid, 9)
    journal.own()
    assert journal.is_owned is True and Journal(journal.folder).is_owned is True
    journal.disown()
    assert journal.is_owned is False


@pytest.mark.parametrize(
    ("entries", "is_open"),
    [
        ([], False),
        ([{"do": "tags"}], False),  # a job of a sweep told its parent something
        ([{"do": "create"}, {"do": "metrics"}], True),
        ([{"do": "status", "status": "RUNNING"}, {"do": "tags"}], True),
        ([{"do": "create"}, {"do": "status", "status": "FAILED"}, {"do": "files"}], False),
    ],
)
def test_a_run_is_open_from_its_beginning_to_its_end(journal, entries, is_open):
    for entry in entries:
        journal.append(entry)
    assert journal.is_open is is_open


def test_one_process_sends_at_a_time(journal):
    journal.append({"n": 0})
    with journal.sending() as ours, Journal(journal.folder).sending() as theirs:
        assert ours and not theirs
    with Journal(journal.folder).sending() as ours:
        assert ours
