from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from facsimile.pipelines.model_card import STATEMENT, model_card, registered_name

CONF = Path(__file__).resolve().parents[3] / "conf"


def card(recipe, task, metrics):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("config", [f"experiment={recipe}"])
    meta = {"net": {"_target_": "facsimile.models.x.Net"}, "task": task, "name": recipe}
    meta |= {"training_data": ["sample/ann"], "consent": "she agreed"}
    return registered_name(cfg), model_card(cfg, meta, metrics)


@pytest.mark.parametrize(
    ("recipe", "task", "name"),
    [("swap_df", "swap", "swap-df"), ("enhancement_small", "enhancement", "enhancement-small")],
)
def test_a_card_says_what_it_is_of_whom_and_what_comes_out(recipe, task, name):
    registered, text = card(recipe, task, {})
    assert registered == name
    for part in (recipe, "`Net`", "sample/ann", "she agreed", STATEMENT[task], "Limits"):
        assert part in text


def test_figures_stand_in_tables_that_markdown_reads():
    level = {"auc": 0.75, "eer": 0.3, "ap": 0.7, "accuracy": 0.6, "ece": 0.1}
    level |= dict.fromkeys(("n_real", "n_fake", "n_identities"), 7)
    metrics = {
        f"test/mine/{by}/{key}": value for by in ("frame", "video") for key, value in level.items()
    }
    _, text = card("detection_frequency", "detection", metrics)
    row, _ = [line for line in text.splitlines() if line.startswith("| mine")]
    assert "0.750" in row
    head = next(line for line in text.splitlines() if line.startswith("| data"))
    assert head.count("|") == row.count("|")
