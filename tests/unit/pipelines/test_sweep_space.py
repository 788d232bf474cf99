"""What Hydra's grammar says, as Optuna's distributions; Hydra's own enumeration is the oracle."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from facsimile.errors import UserError
from facsimile.pipelines.sweep_grid import combinations
from facsimile.pipelines.sweep_space import as_overrides, samples, search_space


def parsed(*overrides):
    return OverridesParser.create().parse_overrides([*overrides])


@pytest.mark.parametrize(
    ("override", "distribution"),
    [
        ("interval(0,2)", FloatDistribution(0, 2)),
        ("interval(-1e-3,1e-3)", FloatDistribution(-1e-3, 1e-3)),
        ("tag(log,interval(1e-4,1e-1))", FloatDistribution(1e-4, 1e-1, log=True)),
        ("int(interval(2,9))", IntDistribution(2, 9)),
        ("tag(log,int(interval(1,64)))", IntDistribution(1, 64, log=True)),
        ("range(1,8,3)", IntDistribution(1, 7, step=3)),
        ("range(0,1,0.25)", FloatDistribution(0, 0.75, step=0.25)),
        ("a,b", CategoricalDistribution(["a", "b"])),
        ("choice(1,true)", CategoricalDistribution(["1", "True"])),
        ("[1,2],[3]", CategoricalDistribution(["[1,2]", "[3]"])),
        ("a,b,a", CategoricalDistribution(["a", "b"])),
        ("'a, b',\"c=[d\"", CategoricalDistribution(["'a, b'", '"c=[d"'])),
    ],
)
def test_a_range_is_searched_as_it_is_written(override, distribution):
    space, fixed = search_space(parsed(f"key={override}", "other=1"))
    assert space == {"key": distribution} and fixed == ["other=1"]


@pytest.mark.parametrize("override", ["range(1,8)", "range(5,20,4)", "range(2,2.6,0.2)"])
def test_a_range_holds_what_hydra_enumerates(override):
    space, _ = search_space(parsed(f"key={override}"))
    one = space["key"]
    hydra = [
        float(job[0].partition("=")[2]) for job in combinations(parsed(f"key={override}")).values()
    ]
    assert [one.low, one.high] == pytest.approx([hydra[0], hydra[-1]])
    assert one.step == pytest.approx(hydra[1] - hydra[0])


def test_the_command_line_wins_over_the_recipe_of_a_search():
    space, fixed = search_space(parsed("a=1,2", "b=interval(0,1)", "a=3", "b=interval(2,3)"))
    assert space == {"b": FloatDistribution(2, 3)} and fixed == ["a=3"]


@pytest.mark.parametrize("override", [
    "range(3,3)", "tag(log,interval(0,1))", "interval(2,1)", "tag(log,range(1,100,10))",
    "sort(range(1,4),reverse=true)",
])  # fmt: skip
def test_what_cannot_be_searched_is_named(override):
    with pytest.raises(UserError, match="key="):
        search_space(parsed(f"key={override}"))


def test_an_interval_is_no_grid():
    with pytest.raises(UserError, match="sweep=optuna"):
        combinations(parsed("key=interval(0,1)"))


def test_the_values_of_a_trial_read_back_as_they_were():
    params = {"lr": 0.00012345678, "steps": 3, "model": "unet", "widths": "[4,8]"}
    values = {one.key_or_group: one.value() for one in parsed(*as_overrides(params))}
    assert values["lr"] == pytest.approx(params["lr"], rel=1e-5)
    assert values | {"lr": 0} == {"lr": 0, "steps": 3, "model": "unet", "widths": [4, 8]}


def test_every_category_is_in_a_sample():
    space, _ = search_space(parsed("a=x,y,z", "b=1,2", "c=interval(3,4)", "d=int(interval(5,9))"))
    assert [*samples(space)] == [
        ["a=x", "b=1", "c=3", "d=5"], ["a=y", "b=2", "c=3", "d=5"], ["a=z", "b=1", "c=3", "d=5"]
    ]  # fmt: skip


def test_of_a_key_given_twice_the_last_counts():
    assert combinations(parsed("a=3", "a=1,2", "b=1,2", "b=5")) == {
        0: ["a=1", "b=5"],
        1: ["a=2", "b=5"],
    }
