from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from facsimile.errors import UserError
from facsimile.pipelines import limits
from facsimile.pipelines.matching import found
from facsimile.pipelines.override_types import check_types

CONF = Path(__file__).resolve().parents[3] / "conf"
# choices that no recipe makes, for the keys that they bring
OTHERS = [
    ["executor=ray", "optimizer=adabelief", "+callbacks/stop@callbacks.stop=plateau"],
    [f"+loss/term@loss.terms.{name}={name}" for name in ("patch_gan", "perceptual")]
    + ["+loss/term@loss.true_face=true_face", "detector@evaluation.dense_detector=dlib"],
    ["render/mask=hull", "task/mask=hull", "render/colour=sot", "render/detail=match"],
    ["render/blend=laplacian", "task/mask=learned"],
    ["render/colour=idt", "render/detail=sharpen", "render/blend=poisson"],
    ["sweep=optuna"],
]
SWAP, ENHANCEMENT = "swap_df", "enhancement_r2unet"


def check(recipe, *overrides):
    given = [f"experiment={recipe}", *overrides]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("config", given)
        check_types(cfg, given)
        limits.check_limits(cfg)
    return cfg


@pytest.mark.parametrize(
    "override",
    [
        "optimizer.lr=-1",
        "optimizer.lr=nan",
        "optimizer.lr=null",
        "optimizer.lr=fast",
        "scheduler.pct_start=2",
        "callbacks.preview.every=0",
        "trainer.log_every_n_steps=0",
        "trainer.val_check_interval=0",
        "trainer.val_check_interval=0.5",
        "trainer.devices=0",
        "trainer.devices=5000",
        "model.encoder_dim=0",
        "model.encoder_dim=-4",
        "model.decoder_dims=[8]",
        "model.decoder_dims=[8,8,8,8,8]",
        "model.decoder_dims=[8,8,0]",
        "loss.terms.dssim.windows=[256]",
        "loss.terms.dssim.windows=[11,65]",  # of 64 pixels
        "loss.terms.dssim.windows=11",
        "loss.terms.dssim.weight=-1",
        "loss.terms.l1.outside=2",
        "renew=inter",
        "callbacks.estimate.passes=0",
        "callbacks.rollback.spike=0.5",
        "callbacks.time_lapse.rate=0",
        "render.mask.erode=3",
        "render.preview=3",
        "evaluation.identity_every=0",
        "evaluation.dense_detector.score_threshold=60",
        "detector.max_side=1",
        "task.data_module.resolution=48",
        "task.data_module.sharpen_sigma=-1",
        "task.data_module.augmentation.cells=0",
        "params.select.swap_pair=[franck]",
        "params.select.brightness=5",
        "params.select.min_score=null",
        "params.split.swap.blocks.franck.test=5",
    ],
)
def test_an_impossible_value_of_a_swap_is_named(override):
    key, _, value = override.partition("=")
    with pytest.raises(UserError, match=f"^{key}=.*: give ") as refused:
        check(SWAP, override)
    assert value in str(refused.value).replace(" ", "")


@pytest.mark.parametrize(
    ("choice", "override"),
    [
        ("optimizer=adabelief", "optimizer.lr_dropout=0"),
        ("optimizer=adabelief", "optimizer.betas=[0.9,1]"),
        ("optimizer=adabelief", "optimizer.eps=0"),
        ("render/colour=sot", "render.colour.steps=0"),
        ("render/blend=laplacian", "render.blend.reach=0"),
        ("+callbacks/stop@callbacks.stop=plateau", "callbacks.stop.patience=0"),
        ("+loss/term@loss.true_face=true_face", "loss.true_face.discriminator.width=0"),
        (
            "+loss/term@loss.terms.patch_gan=patch_gan",
            "loss.terms.patch_gan.discriminator.patch_size=0",
        ),
        ("+loss/term@loss.terms.perceptual=perceptual", "loss.terms.perceptual.weights=3"),
    ],
)
def test_so_is_one_of_a_part_that_was_chosen(choice, override):
    with pytest.raises(UserError, match=f"^{override.partition('=')[0]}=.*: give "):
        check(SWAP, choice, override)


@pytest.mark.parametrize(
    "override",
    [
        "task.data_module.crop_size=0",
        "task.data_module.crop_size=1",
        "task.data_module.train_per_subject=-1",
        "model.widths=[]",
        "model.steps=0",
        "model.scale=0",
        "loss.terms.dssim.window=12",
        "loss.terms.dssim.window=97",  # of 96 pixels
        "loss.terms.log_error.epsilon=0",
        "task.data_module.image_size=1",
        "task.data_module.mirror=2",
    ],
)
def test_an_impossible_value_of_an_enhancement_is_named(override):
    with pytest.raises(UserError, match=f"^{override.partition('=')[0]}=.*: give "):
        check(ENHANCEMENT, override)


@pytest.mark.parametrize(
    ("override", "wanted"),
    [
        ("evaluate=maybe", "true or false"),
        ("evaluate=null", "true or false"),
        ("params.split.swap.blocks.franck=5", "a section"),
        ("task.data_module.augmentation=null", "a section"),
        ("callbacks.history=null", "a section"),
        ("evaluation.dense_detector=yes", "a section"),
        ("data.root=null", "a word like"),
    ],
)
def test_another_type_is_refused_with_what_stands_there(override, wanted):
    with pytest.raises(UserError) as refused:
        check(SWAP, override)
    assert str(refused.value).startswith(f"{override}: give {wanted}")


@pytest.mark.parametrize(
    "override",
    [
        "optimizer.lr=1",
        "model.resolution=48",
        "loss.terms.dssim.windows=[63]",
        "loss.terms.dssim.windows=null",
        "model.decoder_dims=[8,8,4,2]",
        "evaluate=false",
        "renew=[inter]",
        "callbacks.preview=null",
        "model.mask_dim=null",
        "model.mask_dim=8",
        "task.data_module.workers=2",
        "trainer.gradient_clip_val=1.5",
        "trainer.devices=auto",
        "trainer.precision=32",
        "name=2024",
        "params.select.swap_pair=[]",
        "params.select.mouth_opening=null",
        "evaluation.second_embedder=null",
        "evaluation.dense_detector=null",
        "~trainer.deterministic",
        "+trainer.num_nodes=1",
    ],
)
def test_what_is_possible_passes(override):
    check(SWAP, override)


def test_a_warm_up_of_one_step_is_refused_before_the_scheduler_divides_by_zero():
    with pytest.raises(UserError, match="pct_start"):
        check(SWAP, "trainer.max_steps=10")
    check(SWAP, "trainer.max_steps=11")


@pytest.mark.parametrize("recipe", sorted(path.stem for path in CONF.glob("experiment/*.yaml")))
def test_every_recipe_is_within_its_limits(recipe):
    check(recipe)


def test_every_limit_names_a_key_of_a_recipe():
    """A key that was renamed would no longer be looked at."""
    configs = [check(path.stem) for path in CONF.glob("experiment/*.yaml")]
    configs += [check(SWAP, *others) for others in OTHERS]
    named = {k for k in limits.LIMITS for cfg in configs if list(found(cfg, k))}
    assert set(limits.LIMITS) <= named
