import pandas as pd
import pyarrow as pa
import pytest
import yaml
from omegaconf import OmegaConf
from tests import toy_faces

from facsimile.data.selection import SELECTED
from facsimile.data.tables import write_parquet
from facsimile.errors import UserError
from facsimile.pipelines import select, split

RULES = {
    "identity": {"patterns": {"test": ["cap"]}, "unlisted": {"val": 0.1, "test": 0.2}},
    "swap": {"gap": 2, "unlisted": {"val": 0.1, "test": 0.2}},
}


def empty(kind):
    """A value of a column that the split does not read."""
    if pa.types.is_fixed_size_list(kind):
        return [0.0] * kind.list_size
    return "" if pa.types.is_string(kind) else 0


def row(number, clip, **given):
    values = {"path": f"images/{clip}/{number:06d}.png", "clip": clip, "frame": number}
    return {f.name: empty(f.type) for f in SELECTED} | values | given


@pytest.fixture
def selected(tmp_path):
    """A real clip, its fake, and a swap pair of which one is tested on."""
    rows = [row(n, "real", official="train") for n in range(5)]
    rows += [row(n, "fake", origin="real", label=1) for n in range(5)]
    rows += [row(n, "a", subject="cap", side="src") for n in range(20)]
    rows += [row(n, "b", subject="eve", side="dst") for n in range(20)]
    write_parquet(tmp_path / "selected/toy/selected.parquet", rows, SELECTED)
    return tmp_path


def config(root, rules=RULES):
    paths = {"selected": f"{root}/selected", "splits": f"{root}/splits"}
    data = {"name": "toy", "official": True}
    return OmegaConf.create(
        {"paths": paths, "data": data, "params": {"split": rules}, "input": None, "output": None}
    )


def test_fakes_follow_their_original_and_the_official_split(selected):
    split.run(config(selected))
    identity = pd.read_parquet(selected / "splits/toy/identity.parquet")
    assert identity.groupby("clip").split.unique().map(list)[["real", "fake", "a"]].to_dict() == {
        "real": ["train"],
        "fake": ["train"],
        "a": ["test"],
    }
    assert set(identity[identity["clip"] == "fake"].origin) == {"real"}
    assert identity.groupby("clip").label.first()["fake"] == 1
    swap = pd.read_parquet(selected / "splits/toy/swap.parquet")
    assert set(swap.split) == {"train", "val", "test"} and set(swap.subject) == {"cap", "eve"}


def test_what_was_counted_and_noted_is_told_and_kept(selected, capsys):
    split.run(config(selected))
    kept = yaml.safe_load((selected / "splits/toy/summary.yaml").read_text())
    assert kept["identity"]["train"]["fakes"] == 5
    assert "test has no fake face" in kept["notes"]
    assert "test has no fake face" in capsys.readouterr().err


def test_the_same_faces_give_the_same_bytes(selected):
    split.run(config(selected))
    files = sorted((selected / "splits/toy").iterdir())
    before = [path.read_bytes() for path in files]
    split.run(config(selected))
    assert [path.read_bytes() for path in files] == before


def test_contradicting_official_splits_stop_it_unless_they_are_ignored(selected):
    table = pd.read_parquet(selected / "selected/toy/selected.parquet")
    table.loc[table["clip"] == "fake", "official"] = "test"
    write_parquet(selected / "selected/toy/selected.parquet", table, SELECTED)
    with pytest.raises(UserError, match=r"real .*officially in test \(clip fake\) and train"):
        split.run(config(selected))
    assert not (selected / "splits").exists()
    rules = {**RULES, "identity": {**RULES["identity"], "official": False}}
    split.run(config(selected, rules))
    identity = pd.read_parquet(selected / "splits/toy/identity.parquet")
    assert identity[identity["clip"].isin(["real", "fake"])].split.nunique() == 1


def test_somebody_taken_for_another_does_not_stop_an_official_split(selected):
    table = pd.read_parquet(selected / "selected/toy/selected.parquet")
    more = [row(n, "held", official="test", subject="person_0007") for n in range(2)]
    table.loc[table["clip"] == "real", "subject"] = "person_0007"
    table = pd.concat([table, pd.DataFrame(more)])
    write_parquet(selected / "selected/toy/selected.parquet", table, SELECTED)
    split.run(config(selected))
    identity = pd.read_parquet(selected / "splits/toy/identity.parquet")
    assert set(identity[identity["clip"] == "held"].split) == {"test"}
    assert set(identity[identity["clip"].isin(["real", "fake"])].split) == {"train"}
    kept = yaml.safe_load((selected / "splits/toy/summary.yaml").read_text())
    assert any("7 faces called person_0007" in note for note in kept["notes"])


@pytest.fixture
def faces(tmp_path):
    return toy_faces.write_faces(tmp_path / "faces" / "toy")


@pytest.mark.parametrize("stage", [select, split])
def test_input_alone_does_not_replace_what_belongs_to_the_data_set(faces, tmp_path, stage):
    cfg = toy_faces.config(tmp_path)
    cfg.input = str(faces)
    with pytest.raises(UserError, match="output=DIR"):
        stage.run(cfg)
    assert not (tmp_path / "selected").exists() and not (tmp_path / "splits").exists()


@pytest.mark.parametrize("stage", [select, split])
def test_only_an_earlier_output_is_replaced(faces, tmp_path, stage):
    select.run(toy_faces.config(tmp_path))
    cfg = toy_faces.config(tmp_path)
    cfg.output = str(tmp_path / "out")
    for _ in range(2):
        stage.run(cfg)
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="thesis"):
        stage.run(cfg)
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


def test_a_misspelt_split_is_told_before_anything_is_read(tmp_path):
    cfg = toy_faces.config(tmp_path)
    cfg.params.split.identity.patterns = {"tset": ["bob"]}
    with pytest.raises(UserError, match=r"patterns\.tset"):
        split.run(cfg)


def test_split_follows(faces, tmp_path):
    cfg = toy_faces.config(tmp_path)
    select.run(cfg)
    split.run(cfg)
    out = tmp_path / "splits" / "toy"
    identity = pd.read_parquet(out / "identity.parquet")
    assert identity.groupby("subject").split.unique().map(list).to_dict() == {
        "ann": ["train"],
        "bob": ["test"],
        "eve": ["train"],
    }
    assert all((faces / path).is_file() for path in identity.path)
    swap = pd.read_parquet(out / "swap.parquet")
    assert all((tmp_path / "selected" / "toy" / path).is_file() for path in swap.path)
    assert set(swap.subject) == {"ann", "bob"}
    bob = swap[swap.subject == "bob"].set_index("frame").split
    assert bob.to_dict() == {
        **dict.fromkeys(range(4), "train"),
        5: "val",
        **dict.fromkeys(range(7, 10), "test"),
    }
