"""Recipes made of runs, by what they compose to."""

import json

import pytest
import yaml
from hydra import compose, initialize_config_dir
from tests.tiny_recipes import CONF

from facsimile.errors import UserError
from facsimile.pipelines.promote import _check_end, recipe
from facsimile.pipelines.resolve import portable, resolved
from facsimile.tracking.recorded import Recorded


def recorded(*given, status="FINISHED", **tags):
    return Recorded("r1", status, {"overrides": json.dumps(given)} | tags, {}, "")


@pytest.fixture(autouse=True)
def _local(tmp_path, monkeypatch):
    monkeypatch.setenv("FACSIMILE_LOCAL", str(tmp_path))
    (tmp_path / "experiment").mkdir()


def settings(*overrides):
    sections = resolved(portable(compose("config", [*overrides])))
    return {key: value for key, value in sections.items() if key != "name"}


@pytest.mark.parametrize(
    "given",
    [
        ["+loss/term@loss.terms.patch_gan=patch_gan", "loss.terms.patch_gan.weight=0.2"],
        ["detector@evaluation.dense_detector=dlib"],
        ["render/mask=hull", "optimizer=adam", "++optimizer.eps=1e-7"],
        ["render.label='a, \"b\" [c] = 1'", "+optimizer.betas=[0.5,0.9]", "callbacks.ema=null"],
        ["params.extract.image_size=96", "render.crf=${params.extract.every}"],
        [
            "render.smoothing={half: 2, order: 3}",
            "render.smoothing={order: 1}",
            "render.smoothing.half=4",
        ],
        ["+callbacks.more=null", "callbacks.more={a: 1}", "++callbacks.more.b=true"],
        ["data=folder", "data.root='/a b/c,d'"],
    ],
)
def test_a_recipe_composes_to_what_its_run_was_given(tmp_path, given):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        text = recipe(recorded("experiment=swap_df", *given, "sweep.trials=3"), "mine")
        (tmp_path / "experiment/mine.yaml").write_text(text)
        assert settings("experiment=mine") == settings("experiment=swap_df", *given)
    assert "sweep" not in yaml.safe_load(text)


@pytest.mark.parametrize("given", ["~render.label", "~degradation"])
def test_what_cannot_stand_in_a_recipe_is_refused(given):
    with (
        initialize_config_dir(str(CONF), version_base="1.3"),
        pytest.raises(UserError, match=f"{given} takes something away"),
    ):
        recipe(recorded("experiment=swap_df", given), "mine")


def test_a_run_that_did_not_end_well_is_promoted_by_force_only():
    failed = recorded(status="FAILED", error="no space left")
    with pytest.raises(UserError, match="it is FAILED, no space left; force=true"):
        _check_end(failed, force=False)
    _check_end(failed, force=True)
    _check_end(recorded(), force=False)
