import pytest
from hydra import compose, initialize_config_dir
from yaml import YAMLError

from facsimile.errors import UserError
from facsimile.pipelines.cli import ROOT
from facsimile.pipelines.composing import REFUSALS, refusal

CONF = ROOT / "conf"


def told(*overrides):
    """What is said where these cannot be composed."""
    with initialize_config_dir(str(CONF), version_base="1.3"), pytest.raises(REFUSALS) as caught:
        compose("config", [*overrides])
    error = refusal(caught.value, overrides, CONF)
    assert isinstance(error, UserError)
    return str(error)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["experiment=swap_df", "trainer.max_step=3"],
            "there is no setting trainer.max_step: did you mean trainer.max_steps=3?",
        ),
        (
            ["experiment=swap_df", "max_steps=3"],
            "there is no setting max_steps: did you mean trainer.max_steps=3?",
        ),
        (["dta=sample"], "there is no setting dta: did you mean data=sample?"),
        (["data.rot=/x"], "there is no setting data.rot: did you mean data.root=/x?"),
        (
            ["data=dfdc", "data.fraems=3"],
            "there is no setting data.fraems: did you mean data.frames=3?",
        ),
        (["foo.bar=3"], "there is no setting foo.bar: `--cfg job` behind the command shows them"),
        (
            ["model.encoder_dim=3"],
            "there is no model.encoder_dim yet: choose experiment=NAME, or model=NAME, as well",
        ),
        (
            ["experiment=swap_fd"],
            "there is no experiment=swap_fd: did you mean experiment=swap_df? "
            "choose one of detection_efficientnet_b4, detection_frequency",
        ),
        (["data=nosuch"], "there is no data=nosuch: choose one of dfdc, faceforensics, fakes"),
    ],
)
def test_what_was_probably_meant_is_said(overrides, message):
    assert told(*overrides).startswith(message)


@pytest.mark.parametrize("override", ["optimizer.lr=[1", "seed={"])
def test_what_cannot_be_read_is_named(override):
    message = told(override)
    assert message.startswith(f"cannot read {override}: ") and "quotes" in message
    assert "\n" not in message and "hydra.cc" not in message


def test_several_values_without_a_sweep_are_named():
    message = told("data.frames=1,2")
    assert message.startswith("data.frames=1,2: for a sweep over these values add -m")
    assert "\n" not in message


def test_a_range_to_search_without_a_search_is_named():
    message = told("seed=range(1,4)")
    assert message.startswith("seed=range(1,4): values to search need sweep=optuna")
    assert "--multirun" not in message


def test_another_refusal_of_hydra_is_passed_on():
    assert "seed" in told("+seed=3")


@pytest.mark.parametrize("error", [ValueError("odd"), YAMLError("odd")])
def test_what_hydra_does_not_word_gets_a_beginning(error):
    assert str(refusal(error, [], CONF)) == "the configuration cannot be composed: odd"
