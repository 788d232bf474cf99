import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from hydra import compose, initialize_config_dir
from tests import made_trees as trees

from facsimile.data.assembly import read_batches, write_batches
from facsimile.data.forget import withdrawn
from facsimile.errors import UserError
from facsimile.pipelines import forget
from facsimile.tracking import Tracker

CONF = Path(__file__).resolve().parents[3] / "conf"
DVC = Path(sys.executable).with_name("dvc")
FACES, SELECTED, SPLITS = (f"data/{part}/sample" for part in ("faces", "selected", "splits"))
THEIRS = {f"images/franck/{number:06d}.png" for number in range(3)}
DVC_CONFIG = """
[core]
    analytics = false
    no_scm = true
    remote = store
[cache]
    type = {link}
    dir = {cache}
['remote "store"']
    url = {store}
['remote "far"']
    url = s3://bucket/folder
"""
needs_dvc = pytest.mark.skipif(not DVC.is_file(), reason="dvc is not installed here")


def dvc(root, *arguments):
    done = subprocess.run([DVC, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def config(root, *overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"paths.root={root}", *overrides])


def run(root, *overrides):
    forget.run(config(root, "++subject=franck", *overrides))


def table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_parquet(path)


def extracted(root):
    """Three faces of franck and three of cap, selected as the pair and split."""
    rows = []
    for subject, side in (("franck", "src"), ("cap", "dst")):
        for number in range(3):
            path = f"images/{subject}/{number:06d}.png"
            row = {"path": path, "dataset": "sample", "clip": subject, "subject": subject}
            rows.append(row | {"origin": "", "frame": number, "side": side})
            for place in (f"{FACES}/{path}", f"{SELECTED}/data_{side}/{subject}_{number}.png"):
                (root / place).parent.mkdir(parents=True, exist_ok=True)
                (root / place).write_bytes(f"{subject} {number}".encode())
    table(root / FACES / "faces.parquet", rows)
    table(root / SELECTED / "selected.parquet", rows)
    split = ["train", "train", "test"] * 2
    identity = [{**row, "split": s} for row, s in zip(rows, split, strict=True)]
    for row in identity:
        del row["dataset"], row["side"]
    table(root / SPLITS / "identity.parquet", identity)
    table(root / SPLITS / "swap.parquet", [r for r in identity if r["subject"] == "franck"])
    return rows


def trained(root):
    """A swap of this data, one of other data, and a recipe that was only resolved."""
    for name, data in (("swap_df", "sample"), ("other", "other"), ("idea", "sample")):
        folder = root / "experiments" / name
        folder.mkdir(parents=True)
        described = {"data": {"name": data}, "task": {"name": "swap"}}
        (folder / "config.yaml").write_text(yaml.safe_dump(described))
        if name != "idea":
            meta = {"task": "swap", "data": data, "version": {"data": "abc"}}
            torch.save({"facsimile": meta, "state_dict": {}}, folder / "checkpoint.ckpt")


@pytest.fixture
def project(tmp_path):
    """A project without DVC, with work that a killed run left."""
    rows = extracted(tmp_path)
    trained(tmp_path)
    table(tmp_path / "work/extract-sample/franck-0/faces.parquet", rows[:3])
    table(tmp_path / "work/extract-sample/cap-1/faces.parquet", rows[3:])
    (tmp_path / "work/extract-sample/more-2/images/franck").mkdir(parents=True)
    for name in ("train-swap_df-0123", "train-swap_df_more-0123"):
        (tmp_path / "work" / name).mkdir()
    return tmp_path


def contents(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def made(project):
    """All that the studies make of the sample's people: franck, cap and two who are in no pair."""
    trees.stressed(project / "data/stressed/sample/flicker", {"franck": "franck", "cap": "cap"})
    trees.stressed(project / "data/stressed/sample/alone", {"cap": "cap"})
    trees.fakes(project / "data/raw/fakes/franck_cap", "franck", "cap")
    trees.fakes(project / "data/raw/fakes/ann_cap", "ann", "cap")
    for name in ("enhanced/flicker/cap.mp4", "swap/0/signed/franck_to_cap.mp4"):
        trees.touch(project / "experiments/stress" / name)
    trees.touch(project / "experiments/stress/README.md")
    names = ("franck", "cap", "ann", "cap_on_franck", "franck_on_cap", "ann_on_cap")
    rows = [
        {"path": f"images/{who}/0.png", "dataset": "fakes", "clip": who, "subject": who}
        | {"origin": "", "frame": 0, "side": "", "split": "train"}
        for who in names
    ]
    for part in ("faces", "selected", "splits"):
        name = {"faces": "faces", "selected": "selected", "splits": "identity"}[part]
        for root in ("data", "experiments/fakes/held_out/cap"):
            table(project / root / part / f"fakes/{name}.parquet", rows)
    for row in rows:
        trees.touch(project / "experiments/fakes/held_out/cap/faces/fakes" / row["path"])
    trees.swap_of(project / "experiments/fakes/pairs/franck_ann/swap", "franck", "ann")
    trees.swap_of(project / "experiments/fakes/pairs/cap_ann/swap", "cap", "ann")
    (project / "work/fakes-0123").mkdir()
    return project


def test_what_was_made_of_a_person_goes_too(made, capsys):
    run(made, "++confirm=true")
    told = capsys.readouterr().out
    left = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert not [path for path in left if "stressed/sample/flicker" in path]
    assert not [path for path in left if "raw/fakes/franck_cap" in path]
    assert [path for path in left if path.startswith("experiments/stress/")] == [
        "experiments/stress/README.md"
    ]
    for kept in ("data/stressed/sample/alone/clips/cap.mp4", "data/raw/fakes/ann_cap/people.csv"):
        assert kept in left
    held_out = made / "experiments/fakes/held_out/cap"
    for path in [*held_out.rglob("*.parquet"), *(made / "data").glob("*/fakes/*.parquet")]:
        assert set(pd.read_parquet(path).subject) == {"cap", "ann", "ann_on_cap"}
    assert {path.parent.name for path in held_out.rglob("*.png")} == {"cap", "ann", "ann_on_cap"}
    assert withdrawn(made / "data", "sample") == {"franck"}
    assert withdrawn(made / "data", "fakes") == {"franck", "cap_on_franck", "franck_on_cap"}
    assert "experiments/fakes/pairs/franck_ann/swap: one of its pair" in told
    assert "cap_ann" not in told
    assert not (made / "work/fakes-0123").exists()


def test_a_namesake_of_another_data_set_loses_nothing(made):
    rows = pd.read_parquet(made / FACES / "faces.parquet")
    rows = rows.assign(dataset="folder", clip="night")
    table(made / "data/faces/folder/faces.parquet", rows.to_dict("records"))
    before = contents(made / "data/raw") | contents(made / "data/stressed")
    before |= contents(made / "experiments")
    run(made, "data=folder", f"data.root={made}", "++confirm=true")
    assert set(pd.read_parquet(made / "data/faces/folder/faces.parquet").subject) == {"cap"}
    assert all(path.read_bytes() == data for path, data in before.items())
    assert withdrawn(made / "data", "fakes") == set()


@pytest.mark.parametrize("moment", range(2, 32, 6))
def test_what_was_made_goes_however_often_it_is_killed(made, moment, monkeypatch):
    left = [moment]
    with monkeypatch.context() as patch:
        for name in ("unlink", "replace"):
            patch.setattr(Path, name, _dying(getattr(Path, name), left))
        with pytest.raises(Killed):
            run(made, "++confirm=true")
    run(made, "++confirm=true")
    assert not [p for p in contents(made / "data/raw") if "franck" in p.as_posix()]
    assert not contents(made / "data/stressed/sample/flicker")
    for path in made.rglob("fakes/*.parquet"):
        assert not {"franck", "cap_on_franck"} & set(pd.read_parquet(path).subject)


def test_without_confirmation_it_tells_and_touches_nothing(project, capsys):
    before = contents(project)
    run(project)
    assert contents(project) == before
    told = capsys.readouterr()
    assert f"{FACES}: 3 files, 0 pictures in 0 shards, 3 rows of faces.parquet" in told.out
    assert "experiments/swap_df: faces 1 in test, 2 in train; trained on another" in told.out
    assert "experiments/idea: faces 1 in test, 2 in train; not known to be" in told.out
    assert "other" not in told.out.replace("another", "")
    assert "nothing is erased yet: add confirm=true" in told.out
    assert "clips franck" in told.err and "swap_pair still names franck" in told.err


def test_confirmed_it_leaves_nothing_of_them_and_all_of_the_others(project):
    before = contents(project)
    run(project, "++confirm=true")
    for path in sorted(project.rglob("*.parquet")):
        if (rows := pd.read_parquet(path)).size:
            assert set(rows.subject) == {"cap"}
    pictures = [path for path in before if path.suffix == ".png"]
    assert [path for path in pictures if path.exists()] == [
        path for path in pictures if before[path].startswith(b"cap")
    ]
    left = {path.name for path in (project / "work").iterdir()}
    assert left == {"extract-sample", "train-swap_df_more-0123"}
    assert [path.name for path in (project / "work/extract-sample").iterdir()] == ["cap-1"]
    assert (project / "experiments/swap_df/checkpoint.ckpt").is_file()


def test_who_withdrew_is_listed_with_the_models(project, capsys):
    run(project, "++confirm=true")
    assert withdrawn(project / "data", "sample") == {"franck"}
    listed = (project / "data/withdrawn.yaml").read_text()
    run(project, "++confirm=true")
    assert (project / "data/withdrawn.yaml").read_text() == listed
    assert "listed at an earlier withdrawal: experiments/idea, experiments/swap_df" in (
        capsys.readouterr().out
    )


@pytest.fixture
def numbered(project):
    """The project, where extraction names nobody and selection numbers both."""
    faces = pd.read_parquet(project / FACES / "faces.parquet")
    faces.assign(subject="").to_parquet(project / FACES / "faces.parquet")
    for path in (*(project / SELECTED).glob("*.parquet"), *(project / SPLITS).glob("*.parquet")):
        rows = pd.read_parquet(path)
        numbers = {"franck": "person_0001", "cap": "person_0002"}
        rows.assign(subject=rows.subject.map(numbers)).to_parquet(path)
    rows = [{"batch": name, "key": name, "faces": 3, "rejected": 0} for name in ("franck", "cap")]
    write_batches(project / FACES / "batches.parquet", rows, project / FACES / "faces.parquet")
    return project


def test_a_number_that_selection_gave_is_told_not_to_last(numbered, capsys):
    forget.run(config(numbered, "++subject=person_0001", "++confirm=true"))
    assert "a name that selection gave" in capsys.readouterr().err
    assert set(pd.read_parquet(numbered / FACES / "faces.parquet")["clip"]) == {"cap"}
    assert not (numbered / FACES / "batches.parquet").exists()  # all is extracted anew
    assert not (numbered / "data/withdrawn.yaml").exists()


def test_a_killed_erasure_of_a_number_goes_on_without_listing_it(numbered, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(forget, "erase", _dying(forget.erase, [2]))  # the splits are left
        with pytest.raises(Killed):
            forget.run(config(numbered, "++subject=person_0001", "++confirm=true"))
    forget.run(config(numbered, "++subject=person_0001", "++confirm=true"))
    left = pd.read_parquet(numbered / SPLITS / "identity.parquet")
    assert set(left.subject) == {"person_0002"}
    assert not (numbered / "data/withdrawn.yaml").exists()


def test_a_number_that_the_data_set_gives_is_a_name(numbered):
    faces = pd.read_parquet(numbered / FACES / "faces.parquet")
    named = faces.assign(subject=faces["clip"].map({"franck": "person_0001", "cap": ""}))
    named.to_parquet(numbered / FACES / "faces.parquet")
    rows = [{"batch": name, "key": name, "faces": 3, "rejected": 0} for name in ("franck", "cap")]
    write_batches(numbered / FACES / "batches.parquet", rows, numbered / FACES / "faces.parquet")
    forget.run(config(numbered, "++subject=person_0001", "++confirm=true"))
    assert withdrawn(numbered / "data", "sample") == {"person_0001"}
    assert [one["faces"] for one in read_batches(numbered / FACES)] == [0, 3]


def test_test_pictures_of_a_killed_stage_that_nobody_can_tell_go_too(project):
    left = project / "data/degraded/.partial-x"
    (left / "images").mkdir(parents=True)
    (left / "images/000000_lq.png").write_bytes(b"franck, blurred")
    run(project, "++confirm=true")
    assert not left.exists()


class Killed(BaseException):
    """As a signal ends a process, wherever it is."""


@pytest.mark.parametrize("moment", range(11))
def test_killed_anywhere_the_next_call_finishes_it(project, moment, monkeypatch, tmp_path_factory):
    expected = tmp_path_factory.mktemp("expected") / "whole"
    shutil.copytree(project, expected)
    run(expected, "++confirm=true")
    with monkeypatch.context() as patch:
        for name in ("unlink", "replace"):
            patch.setattr(Path, name, _dying(getattr(Path, name), left := [moment]))
        patch.setattr(shutil, "rmtree", _dying(shutil.rmtree, left))
        with pytest.raises(Killed):
            run(project, "++confirm=true")
    run(project, "++confirm=true")
    for left in (project / "data").glob(".partial-*.yaml"):  # of the list, without a person's data
        left.unlink()
    found = {path.relative_to(project): data for path, data in contents(project).items()}
    assert found == {path.relative_to(expected): d for path, d in contents(expected).items()}


def _dying(function, left):
    def dying(*args, **kwargs):
        if not left[0]:
            raise Killed
        left[0] -= 1
        return function(*args, **kwargs)

    return dying


def test_a_name_that_nobody_has_is_told_with_those_there_are(project):
    with pytest.raises(UserError, match="there is no frank in sample, which shows cap, franck"):
        forget.run(config(project, "++subject=frank", "++confirm=true"))
    assert withdrawn(project / "data", "sample") == set()


def test_a_name_has_to_be_given(project):
    with pytest.raises(UserError, match="subject=NAME"):
        forget.run(config(project))


def test_before_anything_is_extracted_the_withdrawal_is_listed(tmp_path):
    run(tmp_path, "++confirm=true")
    assert withdrawn(tmp_path / "data", "sample") == {"franck"}


@needs_dvc
@pytest.mark.parametrize("link", ["copy", "symlink"])
def test_copies_in_the_cache_and_in_a_remote_folder_go_too(project, link):
    store, cache = project / "store", project / "shared cache"
    dvc(project, "init", "-q", "--no-scm")
    (project / ".dvc" / "config").write_text(DVC_CONFIG.format(link=link, cache=cache, store=store))
    dvc(project, "add", "-q", FACES, SELECTED, SPLITS)
    dvc(project, "push", "-q")
    older = b"franck 0"
    assert {older} <= set(contents(cache).values()) & set(contents(store).values())
    kept = {b"cap 0", b"cap 1", b"cap 2"}
    run(project, "++confirm=true")
    for place in (cache, store):
        left = set(contents(place).values())
        assert kept <= left and not any(data.startswith(b"franck ") for data in left)
        assert not any(b"franck" in data for data in left)
    assert not any(path.is_symlink() and not path.exists() for path in project.rglob("*"))
    # DVC takes what is left as the new version
    dvc(project, "commit", "-q", "-f", f"{FACES}.dvc", f"{SELECTED}.dvc", f"{SPLITS}.dvc")
    assert "up to date" in dvc(project, "status")


def test_runs_that_mlflow_knows_of_are_listed(project, capsys, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    cfg = config(project, "++subject=franck")
    runs = Tracker(cfg.logger.mlflow.tracking_uri)
    for version, data in (("1", "sample"), ("2", "other")):
        run_id = runs.open_run(f"on_{data}", version)
        runs.log_settings(run_id, {"data.name": data}, {"version.data": "abc"})
    forget.run(cfg)
    told = capsys.readouterr().out
    assert "on_sample; trained on another version of the data" in told and "on_other" not in told
