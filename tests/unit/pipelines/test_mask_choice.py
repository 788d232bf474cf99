from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from facsimile.errors import UserError
from facsimile.pipelines.mask_choice import check_mask

CONF = Path(__file__).resolve().parents[3] / "conf"
DRAWN, LCT = "task.data_module.masks=true", "task.data_module.colour_transfer=lct"


def check(*overrides, recipe="swap_df"):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        check_mask(compose("config", [f"experiment={recipe}", *overrides]))


@pytest.mark.parametrize("kind", ["hull", "components", "learned"])
def test_a_mask_that_nothing_draws_is_refused(kind):
    with pytest.raises(UserError, match="task.data_module.masks=true"):
        check(f"task/mask={kind}")
    check(f"task/mask={kind}", DRAWN)
    check(f"task/mask={kind}", "task.data_module.eyes_mouth=true")


def test_eyes_and_lips_are_not_taken_for_the_skin():
    with pytest.raises(UserError, match="colour_transfer=none"):
        check("task/mask=components", DRAWN, LCT)
    check("task/mask=hull", DRAWN, LCT)


@pytest.mark.parametrize("overrides", [(), (LCT,)])
def test_the_usual_mask_asks_for_nothing(overrides):
    check(*overrides)


def test_other_tasks_have_no_masks():
    check(recipe="enhancement_r2unet")
