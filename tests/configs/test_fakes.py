"""The pairs of the study `fakes`: everybody can be held out, and of all pairs."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FAKES = yaml.safe_load((ROOT / "conf/fakes/default.yaml").read_text())
STUDY = yaml.safe_load((ROOT / "experiments/fakes/dvc.yaml").read_text())["stages"]


def test_a_pair_is_called_after_its_people_and_shows_two_of_the_sample():
    sources = yaml.safe_load((ROOT / "conf/data/sample.yaml").read_text())["sources"]
    people = {source["subject"] for source in sources.values() if "people" not in source}
    assert people == set(FAKES["people"])
    for name, pair in FAKES["pairs"].items():
        assert name == "_".join(pair) and len(set(pair)) == 2 and set(pair) <= people
    assert len({frozenset(pair) for pair in FAKES["pairs"].values()}) == len(FAKES["pairs"])


@pytest.mark.parametrize("person", FAKES["people"])
def test_of_everybody_there_are_two_pairs_and_two_without(person):
    shown = [person in pair for pair in FAKES["pairs"].values()]
    assert shown.count(True) >= 2 and shown.count(False) >= 2


def test_who_is_held_out_is_held_out_of_all_pairs():
    deps = STUDY["held_out"]["do"]["deps"]
    parts = {dep.rpartition("/")[2] for dep in deps if dep.startswith("data/raw/fakes/")}
    assert parts == set(FAKES["pairs"])
