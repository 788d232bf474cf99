"""What a component does not take is told by its key, whatever the component is."""

import pytest
from hydra import compose, initialize_config_dir
from tests.tiny_recipes import CONF

from facsimile.errors import UserError
from facsimile.pipelines.settings import check_settings
from facsimile.pipelines.version import training_config

OPTIMIZERS = sorted(path.stem for path in (CONF / "optimizer").glob("*.yaml"))


def check(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("config", [*overrides, "init=null"])
    check_settings(training_config(cfg))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("recipe", ["enhancement_r2unet", "swap_df", "swap_df128"])
def test_recipes_take_every_optimizer_and_its_dropout(recipe, optimizer):
    check(f"experiment={recipe}", f"optimizer={optimizer}", "optimizer.lr_dropout=0.3")


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["scheduler=constant"], r"^scheduler\.pct_start: ConstantLR takes no pct_start, only .*"
         r"factor, total_iters.*; leave it out with ~scheduler\.pct_start$"),
        (["optimizer=adabelief", "+optimizer.fused=true"], r"optimizer\.fused: AdaBelief takes no"),
        # passed on by a base to the next one, which is torch's
        (["+optimizer.momentum=0.9"], r"AdamW takes no momentum, only .*lr_dropout, .*fused"),
        (["+loss.terms.l1.windows=[3]"], r"^loss\.terms\.l1\.windows: PixelError takes no windows"),
        (["+trainer.speed=1"], r"^trainer\.speed: Trainer takes no speed"),
    ],
)  # fmt: skip
def test_a_setting_that_a_component_lacks_is_named(overrides, told):
    with pytest.raises(UserError, match=told):
        check("experiment=swap_df", *overrides)


def test_components_in_lists_are_looked_at_and_what_takes_anything_is_not():
    check_settings({"a": [{"_target_": "builtins.dict", "what": 1}]})
    check_settings({"a": {"_target_": "no.such.Thing", "what": 1}})
    with pytest.raises(UserError, match=r"a\.0\.what: partial_sum takes no what, only given"):
        check_settings({"a": [{"_target_": f"{__name__}.partial_sum", "what": 1}]})


def partial_sum(given):
    return given
