import pytest

from facsimile.reports.origins import Lock, Origin

LOCK = """
schema: '2.0'
stages:
  extract@sample:
    cmd: facsimile extract data=sample
    outs:
    - path: data/faces/sample
      hash: md5
      md5: 0123.dir
  train:
    cmd: facsimile train experiment=a
    outs:
    - path: experiments/a/config.yaml
"""


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "dvc.lock"
    path.write_text(LOCK)
    return Lock(path)


def test_command_and_hash_come_from_the_lock(lock):
    origin = lock.origin("data/faces/sample", "other")
    assert origin == Origin("data/faces/sample", "facsimile extract data=sample", "0123.dir")


def test_a_file_of_a_recorded_folder_has_the_folders_origin(lock):
    assert lock.origin("data/faces/sample/faces.parquet", "other").md5 == "0123.dir"


def test_what_is_not_recorded_says_so(lock, tmp_path):
    assert lock.origin("data/faces/other", "facsimile extract").md5 == ""
    assert "no version" in lock.origin("experiments/a/config.yaml", "x").text()
    assert Lock(tmp_path / "none.lock").origin("a", "b") == Origin("a", "b")
