import json

import pytest
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.pipelines.objectives import Objective, measured, objectives


def cfg(task="detection", **sweep):
    best = {"metric": {"detection": "test/auc"}, "higher": True}
    return OmegaConf.create(
        {
            "task": task and {"name": task},
            "logger": {"mlflow": {"best": best}},
            "sweep": {"objective": None, "directions": None} | sweep,
        }
    )


def test_the_objective_is_what_was_asked_for_or_the_task_s_own():
    assert objectives(cfg()) == [Objective("test/auc", "maximize")]
    assert objectives(cfg("swap")) == objectives(cfg(None)) == []
    assert objectives(cfg(objective="a", directions="minimize")) == [Objective("a", "minimize")]
    two = cfg(objective=["a", "b"], directions=["minimize", "maximize"])
    assert objectives(two) == [Objective("a", "minimize"), Objective("b", "maximize")]
    with pytest.raises(UserError, match="for each of"):
        objectives(cfg(objective=["a", "b"], directions=["minimize"]))
    with pytest.raises(UserError, match="for each of"):
        objectives(cfg(objective=["a"], directions=["up"]))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train/curves.csv").write_text(
        "step,train/lr,val/loss,val/auc\n5,1,1,0.4\n8,,0.7,0.5\n9,2,,\n"
    )
    (tmp_path / "metrics.json").write_text(
        json.dumps({"test/auc": 0.8, "test/n": None, "test/p": 1e999})
    )
    return tmp_path


def test_a_value_is_the_evaluation_s_or_the_last_of_its_curve(folder):
    assert Objective("test/auc").of(folder) == 0.8
    assert Objective("val/auc").of(folder) == 0.5 and Objective("val/loss").of(folder) == 0.7
    assert Objective("test/n").of(folder) is None and Objective("test/p").of(folder) is None
    assert measured(folder / "none") == {}


def test_an_end_that_is_no_number_is_not_made_up_for_by_what_was_before(folder):
    curves = "step,train/loss,val/auc,val/loss\n5,1,0.9,1\n10,0.5,,0.7\n15,0.4,,\n"
    (folder / "train/curves.csv").write_text(curves)
    assert Objective("val/auc").of(folder) is None
    assert Objective("val/loss").of(folder) == 0.7 and Objective("train/loss").of(folder) == 0.4
    (folder / "train/curves.csv").write_text("step,val/loss\n5,1\n10,inf\n")
    assert Objective("val/loss").of(folder) is None


def test_a_metric_that_there_is_not_is_told_with_those_that_are_like_it(folder):
    with pytest.raises(UserError, match="no metric test/aoc; it has test/auc"):
        Objective("test/aoc").of(folder)
