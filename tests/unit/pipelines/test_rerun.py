"""What `reproduce` needs: a commit's tree, its packages and data, and an exact comparison."""

import subprocess
from importlib.metadata import version

import pytest

from facsimile.errors import UserError
from facsimile.pipelines import rerun_data
from facsimile.pipelines.rerun import Rerun
from facsimile.pipelines.rerun_outcome import compare, differences, outcome_table
from facsimile.pipelines.rerun_source import checked_out, environment_differences
from facsimile.tracking.recorded import Recorded


def git(root, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(root), *identity, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path):
    """A repository of two commits; `first` is that of the runs."""
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    git(root, "init")
    pins = [f"numpy=={version('numpy')} \\", "    --hash=sha256:0", "no-such-package==1.0"]
    for text in ("first", "second"):
        (root / "src/a.py").write_text(text)
        (root / "requirements.lock").write_text("\n".join(pins))
        git(root, "add", ".")
        git(root, "commit", "--allow-empty", "-m", text)
        pins[0] = "numpy==0.1"
    return root


def test_a_commit_is_checked_out_and_gone_again(root, tmp_path):
    first = git(root, "rev-parse", "HEAD~1")
    with checked_out(root, first, tmp_path / "tree") as tree:
        assert (tree / "src/a.py").read_text() == "first"
        (tree / "untracked").write_text("of the run")
    assert not (tmp_path / "tree").exists()
    assert len(git(root, "worktree", "list").splitlines()) == 1
    assert (root / "src/a.py").read_text() == "second"


def test_a_tree_is_removed_after_an_error_too(root, tmp_path):
    with pytest.raises(ZeroDivisionError), checked_out(root, "HEAD", tmp_path / "tree"):
        raise ZeroDivisionError
    assert len(git(root, "worktree", "list").splitlines()) == 1


def test_a_commit_of_another_repository_is_asked_for(root, tmp_path):
    with pytest.raises(UserError, match="fetch it"), checked_out(root, "0" * 40, tmp_path / "t"):
        pass


def test_packages_are_compared_with_the_pins_of_the_commit(root):
    first, second = git(root, "rev-parse", "HEAD~1"), git(root, "rev-parse", "HEAD")
    assert environment_differences(root, first, "") == []
    assert environment_differences(root, second, "") == [f"numpy {version('numpy')} instead of 0.1"]
    assert "not as committed" in environment_differences(root, first, "f" * 64)[0]


@pytest.fixture
def dvc(root, monkeypatch):
    """DVC as far as it is asked: it knows two folders, and can be told that one was touched."""
    asked, touched = [], []
    (root / "data/faces/mine").mkdir(parents=True)
    (root / "data/splits/mine").mkdir(parents=True)

    def ask(folder, *arguments):
        asked.append((folder, *arguments))
        if arguments[:2] == ("data", "status"):
            return ['{"uncommitted": {"modified": ' + str(touched).replace("'", '"') + "}}"]
        if arguments == ("config", "--list"):
            return ["remote.near.url=../near", "remote.far.url=s3://bucket", "core.remote=near"]
        return [str(root / ".dvc/cache")]

    monkeypatch.setattr(rerun_data, "ask_dvc", ask)
    monkeypatch.setattr("facsimile.pipelines.dvc_stores.ask_dvc", ask)
    (root / ".dvc").mkdir()
    (root / ".dvc/config.local").write_text("keys")
    (root / "dvc.lock").write_text(
        "stages: {s: {outs: [{path: data/faces/mine, md5: a}, {path: data/splits/mine, md5: b}]}}"
    )
    return asked, touched


TAGS = {"dvc.data/faces/mine": "a", "dvc.data/splits/mine": "b", "seed": "1"}


def test_data_that_is_as_it_was_is_used_where_it_lies(root, dvc, tmp_path):
    told = rerun_data.give_data(root, tmp_path / "tree", TAGS)
    assert "2 hashes" in told
    assert (tmp_path / "tree/data").resolve() == (root / "data").resolve()


@pytest.mark.parametrize("how", ["lock", "workspace"])
def test_data_that_changed_is_brought_back(root, dvc, tmp_path, how):
    asked, touched = dvc
    tree = tmp_path / "tree"
    (tree / ".dvc").mkdir(parents=True)
    (tree / "dvc.lock").write_text((root / "dvc.lock").read_text())
    if how == "lock":
        text = (root / "dvc.lock").read_text()
        (root / "dvc.lock").write_text(text.replace("md5: b", "md5: c"))
    else:
        touched.append("data/splits/mine/identity.parquet")
    assert "data/splits/mine" in rerun_data.give_data(root, tree, TAGS)
    assert (tree / "data/faces/mine").resolve() == root / "data/faces/mine"
    assert not (tree / "data/splits").is_symlink()
    assert asked[-1] == (tree, "checkout", "data/splits/mine")
    assert (tree, "cache", "dir", "--local", str(root / ".dvc/cache")) in asked
    remote = (tree, "config", "--local", "remote.near.url", str(root.parent / "near"))
    assert remote in asked and not [one for one in asked if "s3://bucket" in one]
    assert (tree / ".dvc/config.local").read_text() == "keys"


def test_data_that_the_commit_does_not_pin_cannot_be_brought_back(root, dvc, tmp_path):
    (tmp_path / "tree").mkdir()
    tags = TAGS | {"dvc.data/splits/mine": "f"}
    with pytest.raises(UserError, match="does not pin"):
        rerun_data.give_data(root, tmp_path / "tree", tags)


def test_a_file_that_an_override_names_is_there_for_the_rerun(root, tmp_path):
    (root / "nets").mkdir()
    (root / "nets/a.ckpt").write_text("net")
    tree = tmp_path / "tree"
    tree.mkdir()
    Rerun(tree, root, tmp_path, ["init='nets/a.ckpt'", "x=../../etc/passwd", "seed=1"], {})
    assert (tree / "nets/a.ckpt").read_text() == "net"
    assert [path.name for path in tree.iterdir()] == ["nets"]


def test_the_other_process_sees_neither_this_ones_store_nor_its_sweep(root, tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "FACSIMILE_PARENT_RUN", "FACSIMILE_ROOT"):
        monkeypatch.setenv(name, "here")
    again = Rerun(tmp_path, root, tmp_path, [], {"threads": "3"})
    assert not {"MLFLOW_TRACKING_URI", "FACSIMILE_PARENT_RUN", "FACSIMILE_ROOT"} & {
        *again.environment
    }
    assert again.environment["OMP_NUM_THREADS"] == "3"
    assert again.environment["PYTHONPATH"] == str(tmp_path / "src")


def run(metrics, **tags):
    return Recorded("id", "FINISHED", {"git.revision": "r", **tags}, metrics, "")


def test_equal_to_the_last_bit_or_not_at_all():
    one = {"test/a": 0.1 + 0.2, "train/loss@4": 1.0}
    assert compare(run(one), run(dict(one))).identical
    assert not compare(run(one), run(one | {"test/a": 0.3})).identical
    assert not compare(run(one), run({"test/a": 0.1 + 0.2})).identical
    assert not compare(run(one), run(one | {"test/new": 1.0})).identical
    assert not compare(run({}), run({})).identical  # nothing was compared
    assert differences(one, one | {"test/a": 0.3}) == {"test/a": (0.1 + 0.2, 0.3)}


def test_the_table_counts_and_shows_what_differs():
    one, two = {"test/a": 1.0, "test/b": 2.0}, {"test/a": 1.0, "test/b": 2.5}
    outcome = compare(run(one, **{"version.data": "x"}), run(two, **{"version.data": "y"}))
    table = outcome_table(outcome)
    assert ["test", "2", "1", ""] in table.rows and ["test/b", "2", "2.5", "+0.5"] in table.rows
    assert "data" in table.note and not outcome.versions["version.data"]
