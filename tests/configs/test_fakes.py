"""The pairs of the study `fakes`: everybody can be held out, and of all pairs."""

from pathlib import Path

import pytest
import yaml
from tests.unit.data.test_fakes import faces, part

from facsimile.data.detection_faces import both_kinds, check_apart
from facsimile.data.split_rules import SPLITS, IdentityRule
from facsimile.data.splits import split_identities

ROOT = Path(__file__).resolve().parents[2]
FAKES = yaml.safe_load((ROOT / "conf/fakes/default.yaml").read_text())
STUDY = yaml.safe_load((ROOT / "experiments/fakes/dvc.yaml").read_text())["stages"]


def test_a_pair_is_called_after_its_people_and_shows_two_of_the_sample():
    sources = yaml.safe_load((ROOT / "conf/data/sample.yaml").read_text())["sources"]
    people = {source["subject"] for source in sources.values() if "people" not in source}
    for name, pair in FAKES["pairs"].items():
        assert name == "_".join(pair) and len(set(pair)) == 2 and set(pair) <= people
    assert len({frozenset(pair) for pair in FAKES["pairs"].values()}) == len(FAKES["pairs"])


@pytest.fixture
def parts(tmp_path):
    for pair in FAKES["pairs"].values():
        part(tmp_path, *pair)
    return tmp_path


def split(parts, held_out, patterns):
    """The splits of the study's videos, with the settings that its commands give."""
    rows = faces(parts, held_out=held_out)
    return split_identities(rows, IdentityRule(patterns, {})).assign(data="fakes")


def usable(table):
    """What training and evaluation demand: people apart, real and fake faces in every split."""
    check_apart(table)
    return {name: set(both_kinds(table, name, "fakes").subject) for name in SPLITS}


@pytest.mark.parametrize(("tested", "validates"), FAKES["held_out"].items())
def test_a_detector_can_be_trained_validated_and_tested_on_each(parts, tested, validates):
    [extract, _, splitting] = STUDY["held_out"]["do"]["cmd"]
    assert "data.held_out=[${key},${item}]" in extract
    for given in ("test=[${key}]", "val=[${item}]", 'train=["*"]'):
        assert f"params.split.identity.patterns.{given}" in splitting
    patterns = {"test": [tested], "val": [validates], "train": ["*"]}
    shown = usable(split(parts, [tested, validates], patterns))
    assert shown["test"] == {tested, f"{validates}_on_{tested}"}
    assert not any(who in name for name in shown["train"] for who in (tested, validates))


def test_everybody_is_tested_once():
    sources = yaml.safe_load((ROOT / "conf/data/sample.yaml").read_text())["sources"]
    people = {source["subject"] for source in sources.values() if "people" not in source}
    assert set(FAKES["held_out"]) == people


def test_without_further_settings_the_split_is_one_to_learn_from(parts):
    held_out = yaml.safe_load((ROOT / "conf/data/fakes.yaml").read_text())["held_out"]
    patterns = yaml.safe_load((ROOT / "params.yaml").read_text())["split"]["identity"]["patterns"]
    shown = usable(split(parts, held_out, patterns))
    assert {name for name in shown["test"] | shown["val"] if "_on_" not in name} == set(held_out)


def test_who_is_held_out_is_held_out_of_all_pairs():
    deps = STUDY["held_out"]["do"]["deps"]
    parts = {dep.rpartition("/")[2] for dep in deps if dep.startswith("data/raw/fakes/")}
    assert parts == set(FAKES["pairs"])
