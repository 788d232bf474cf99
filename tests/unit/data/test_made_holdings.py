import pandas as pd
import pytest
import yaml

from facsimile.data.dfdc_writing import PartVideo, write_part
from facsimile.data.holdings import Person
from facsimile.data.made_holdings import made_of, of_blends, of_fakes, of_stressed, of_study

ANN = Person("toy", "ann", clips=frozenset({"day/walk"}))
NOBODY = Person("toy", "carl")


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return set(names)


@pytest.fixture
def stressed(tmp_path):
    """Bob's clip, cut together with Ann's: her own was not made."""
    files = touch(tmp_path, "clips/bob.mp4", "frames/.partial-x.parquet", "stress.yaml")
    told = {"seed": 1, "clips": {"bob": {"subject": "bob"}}}
    (tmp_path / "stress.yaml").write_text(yaml.safe_dump(told))
    table = pd.DataFrame({"frame": [0, 1], "subject": ["bob", "ann"]})
    table.to_parquet(tmp_path / "frames/bob.parquet")
    return tmp_path, files | {"frames/bob.parquet"}


def test_a_cut_to_a_person_counts(stressed):
    folder, files = stressed
    assert of_stressed(folder, ANN).whole == of_stressed(folder, Person("toy", "bob")).whole
    assert of_stressed(folder, ANN).whole == files
    assert not of_stressed(folder, NOBODY).files


def test_a_person_whose_table_is_gone_is_still_named(stressed):
    folder, _ = stressed
    (folder / "frames/bob.parquet").unlink()
    assert of_stressed(folder, Person("toy", "bob")).files
    assert not of_stressed(folder, ANN).files


@pytest.mark.parametrize("name", ["swap/0/signed/ann_to_bob.mp4", "enhanced/day_walk-d9c4.mp4"])
def test_of_a_study_all_goes_but_what_it_commits(tmp_path, name):
    from facsimile.data.batching import safe_file_name

    name = name.replace("day_walk-d9c4", safe_file_name("day/walk"))
    touch(tmp_path, "README.md", "metrics.json")
    files = touch(tmp_path, name, "measured/index.html", "swap/0/signed/joann_to_bob.mp4")
    assert of_study(tmp_path, ANN).whole == files
    assert not of_study(tmp_path, NOBODY).files
    (tmp_path / name).unlink()
    assert not of_study(tmp_path, ANN).files


@pytest.fixture
def part(tmp_path):
    touch(tmp_path, "a.mp4", "b.mp4", "rejected.parquet")
    span = ("day/walk", 0, 9)
    write_part(
        tmp_path,
        [
            PartVideo("a.mp4", "ann", "", "", *span, 0.0),
            PartVideo("b.mp4", "ann", "bob", "a.mp4", *span, 1.0),
            PartVideo("c.mp4", "bob", "", "", "talk", 0, 9, 0.0),
        ],
    )
    return tmp_path


def test_fakes_by_or_of_a_person_go_with_all_of_the_pair(part):
    everything = {path.name for path in part.iterdir()}
    for who in ("ann", "bob"):
        assert of_fakes(part, Person("toy", who)).whole == everything
    assert of_fakes(part, ANN).whole == everything
    assert of_fakes(part, Person("fakes", "ann", clips=frozenset({"a"}))).whole == everything
    assert not of_fakes(part, NOBODY).files


def test_of_two_people_of_one_name_the_clips_tell(part):
    assert not of_fakes(part, Person("other", "ann", clips=frozenset({"night"}))).files


def test_of_self_blended_pairs_only_the_persons_go(tmp_path):
    rows = [
        {"real": f"real/{who}/0.png", "fake": f"fake/{who}/0.png", "photo": "0.png", "subject": who}
        for who in ("ann", "bob")
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "blends.parquet")
    (tmp_path / "source.yaml").write_text("made of: toy\n")
    held = of_blends(tmp_path, ANN)
    assert held.whole == {"real/ann/0.png", "fake/ann/0.png"}
    assert held.tables == {"blends.parquet": 1}
    assert not of_blends(tmp_path, NOBODY).files
    assert (made_of(tmp_path), made_of(tmp_path / "absent")) == ("toy", None)
