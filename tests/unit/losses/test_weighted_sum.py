from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import nn

from facsimile.losses.dssim import dssim
from facsimile.losses.pixel_error import PixelError
from facsimile.losses.weighted_sum import WeightedSum

CONF = Path(__file__).resolve().parents[3] / "conf"


def images(side=24):
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 3, side, side, generator=generator) for _ in range(2))


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", ["loss=enhancement", *overrides]).loss


def l1(weight):
    return PixelError(nn.L1Loss(reduction="none"), weight=weight)


def mse(weight):
    return PixelError(nn.MSELoss(reduction="none"), weight=weight)


def test_adds_what_its_terms_say():
    preds, target = torch.full((1, 3, 2, 2), 0.5), torch.zeros(1, 3, 2, 2)
    loss = WeightedSum({"l1": l1(2.0), "mse": mse(10.0)})
    assert float(loss(preds, target)) == pytest.approx(2 * 0.5 + 10 * 0.25)


def test_a_term_that_weighs_nothing_is_left_out():
    assert [*WeightedSum({"l1": l1(2.0), "mse": mse(0.0)})] == ["l1"]


@pytest.mark.parametrize("terms", [{}, {"l1": l1(0.0)}])
def test_wants_something_to_learn_from(terms):
    with pytest.raises(ValueError, match="at least one term"):
        WeightedSum(terms)


def formula(preds, target, log=0.1, structure=0.4):
    """What restores in minutes, written out."""
    squared = ((preds - target) ** 2).mean(dim=(1, 2, 3))
    values = (log * torch.log10(squared + 1e-4).mean(), structure * dssim(preds, target).mean())
    return values[0] + values[1]


def test_the_enhancements_loss_is_as_it_ever_was_to_the_last_bit():
    preds, target = images()
    assert torch.equal(instantiate(composed())(preds, target), formula(preds, target))


@pytest.mark.parametrize(
    ("override", "weights"),
    [
        ("loss.terms.dssim.weight=.2", {"structure": 0.2}),
        ("loss.terms.log_error.weight=1.0", {"log": 1.0}),
    ],
)
def test_a_weight_is_set_by_its_terms_name(override, weights):
    preds, target = images()
    expected = formula(preds, target, **weights)
    assert torch.equal(instantiate(composed(override))(preds, target), expected)


def test_a_term_is_taken_away():
    assert [*instantiate(composed("~loss.terms.dssim"))] == ["log_error"]


@pytest.mark.parametrize("name", ["charbonnier", "frequency", "l1", "mse", "multiscale_dssim"])
def test_a_term_is_added(name):
    preds, target = images(32)
    added = f"+loss/term@loss.terms.{name}={name}"
    both, alone = instantiate(composed(added)), instantiate(composed(added, *WITHOUT))
    assert [*both] == ["log_error", "dssim", name]
    assert [*alone] == [name]
    expected = float(alone(preds, target) + formula(preds, target))
    assert float(both(preds, target)) == pytest.approx(expected, rel=1e-5)
    assert float(alone(preds, target)) > float(alone(target, target))


WITHOUT = ["~loss.terms.log_error", "~loss.terms.dssim"]


def of_images():
    """All losses but the detector's, which is of logits."""
    return sorted(path for path in CONF.glob("loss/*.yaml") if path.stem != "detection")


@pytest.mark.parametrize("path", of_images(), ids=lambda path: path.stem)
def test_every_loss_is_made_of_named_terms(path):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        terms = compose("config", [f"loss={path.stem}"]).loss.terms
    assert all("weight" in term for term in OmegaConf.to_container(terms).values())
