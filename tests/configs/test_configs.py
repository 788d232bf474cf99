"""Every yaml under conf/ composes and builds what it names, on arrival."""

import re
from functools import cache
from pathlib import Path

import pytest
import torch
import yaml
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf
from tests import quick_composing

ROOT = Path(__file__).resolve().parents[2]
CONF = ROOT / "conf"
RECIPES = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))
COMPONENTS = sorted(
    (folder.name, path.stem)
    for folder in CONF.iterdir()
    if folder.is_dir() and folder.name not in ("experiment", "hydra", "local", "paths", "logger")
    for path in folder.glob("*.yaml")
)
BUILDABLE = ("model", "degradation", "filter", "loss", "metrics")


@cache  # read only
def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", list(overrides))


@pytest.mark.parametrize(("group", "name"), COMPONENTS)
def test_every_component_composes(group, name):
    cfg = composed(f"{group}={name}")
    assert cfg[group] is not None


@pytest.mark.parametrize(("group", "name"), [c for c in COMPONENTS if c[0] in BUILDABLE])
def test_every_stateless_component_builds(group, name):
    assert instantiate(composed(f"{group}={name}")[group]) is not None


def test_composing_quickly_changes_nothing():
    chosen = ("experiment=swap_df", "~scheduler", "+loss/term@loss.true_face=true_face")
    quick = composed(*chosen)
    with quick_composing.left_out():
        assert composed.__wrapped__(*chosen) == quick


@pytest.mark.parametrize("chosen", [["experiment=swap_df"], ["sweep=optuna"], ["sweep=default"]])
def test_the_mode_is_that_of_what_is_chosen(chosen):
    """Quick composing looks for one only where a sweep is chosen."""
    from hydra.core.global_hydra import GlobalHydra

    with initialize_config_dir(str(CONF), version_base="1.3"):
        hydra = GlobalHydra.instance().hydra
        assert hydra.get_mode("config", chosen) == quick_composing.MODE(hydra, "config", chosen)


def test_no_other_choice_brings_a_mode():
    texts = {path: path.read_text() for path in CONF.rglob("*.yaml")}
    assert {path.parent.name for path, text in texts.items() if "mode: MULTIRUN" in text} == {
        "sweep"
    }
    assert not [path for path in CONF.glob("experiment/*") if "/sweep" in path.read_text()]


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_resolves_completely(recipe):
    cfg = composed(f"experiment={recipe}", "paths.root=.")
    assert cfg.name == recipe
    for group in ("model", "task", "loss", "optimizer", "scheduler"):
        OmegaConf.to_container(cfg[group], resolve=True, throw_on_missing=True)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_builds_its_task(recipe):
    from facsimile.pipelines.train import build_task

    task = build_task(composed(f"experiment={recipe}"))
    assert sum(p.numel() for p in task.parameters()) > 0
    assert isinstance(task.net, torch.nn.Module)


def test_every_recipe_is_in_a_run_list_or_part_of_a_study_or_a_preset():
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    listed = {name for recipes in params["experiments"].values() for name in recipes}
    studies = [path.read_text() for path in (ROOT / "experiments").glob("*/dvc.yaml")]
    studied = set(re.findall(r"experiment=(\w+)", "".join(studies)))
    presets = {path.stem for path in (CONF / "model").glob("swap_*.yaml")}
    assert listed <= set(RECIPES)
    assert set(RECIPES) <= listed | studied | presets


def test_params_are_plain_values():
    assert "${" not in "".join(
        line.partition("#")[0] for line in (ROOT / "params.yaml").read_text().splitlines()
    )


def test_both_yaml_readers_agree_on_params():
    from ruamel.yaml import YAML

    text = (ROOT / "params.yaml").read_text()
    assert yaml.safe_load(text) == YAML(typ="safe").load(text)


@pytest.mark.parametrize("path", sorted((CONF / "data").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_data_set_states_source_licence_and_consent(path):
    stated = yaml.safe_load(path.read_text())
    assert all(stated.get(key) for key in ("source", "licence", "consent", "citation"))
