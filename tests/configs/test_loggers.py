"""Where runs go, by configuration."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

CONF = Path(__file__).resolve().parents[2] / "conf"
RECIPES = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [*overrides])


@pytest.mark.parametrize("name", sorted(path.stem for path in (CONF / "logger").glob("*.yaml")))
def test_every_logger_says_where_to_and_what_if_it_is_away(name, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    chosen = composed(f"logger={name}", "experiment=swap_df").logger.mlflow
    assert OmegaConf.to_container(chosen, resolve=True)
    assert chosen.when_away == "keep" and "://" in chosen.tracking_uri
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://runs.example.org")
    assert composed(f"logger={name}").logger.mlflow.tracking_uri == "https://runs.example.org"


@pytest.mark.parametrize("recipe", [name for name in RECIPES if not name.startswith("swap")])
def test_every_registered_recipe_has_a_metric_that_decides_what_is_best(recipe):
    cfg = composed(f"experiment={recipe}")
    assert cfg.logger.mlflow.best.metric[cfg.task.name].startswith("test/")
