"""The recipes with nets as small as they come: plain functions for any test that trains."""

from pathlib import Path

import numpy as np
import pandas as pd
from hydra import compose, initialize_config_dir

CONF = Path(__file__).resolve().parents[1] / "conf"
RECIPES = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))
SWAP = {
    "resolution": 32,
    "encoder_dim": 4,
    "code_dim": 8,
    "inter_dim": 8,
    "decoder_dims": "[8,8,8]",
}
TINY = {
    "df_autoencoder": SWAP,
    "liae_autoencoder": SWAP,
    "r2unet": {"widths": "[4,8]"},
    "frequency_net": {"width": 4},
    "meso4": {"dropout": 0.1},
    "timm_classifier": {"architecture": "test_efficientnet"},
    "restoration_cascade": {"width": 8, "context_width": 8, "inpainting_width": 4},
}


def tiny_net(recipe):
    """The overrides that shrink a recipe's net, which then starts from no other."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("config", [f"experiment={recipe}"])
    model = cfg.model
    sizes = next(small for module, small in TINY.items() if module in model._target_)
    if model.get("mask_dim") is not None:
        sizes = sizes | {"mask_dim": 2}
    new = [] if cfg.init is None else ["init=null", "renew=null"]
    return [*new, *(f"model.{key}={value}" for key, value in sizes.items())]


def training(root, recipe, *overrides, steps=2):
    """The arguments of a short training of the recipe's net, made tiny."""
    few = ["task.data_module.batch_size=2", f"trainer.val_check_interval={steps // 2}"]
    few += [f"trainer.log_every_n_steps={steps // 2}", f"trainer.max_steps={steps}"]
    arguments = ["train", f"experiment={recipe}", f"paths.root={root}", *few]
    return [*arguments, *tiny_net(recipe), *overrides]


def add_crowd(data):
    """Make the faces of noise fit to pretrain on: labelled, measured, and of a third person too."""
    identity = pd.read_parquet(data / "splits/sample/identity.parquet").assign(label=0)
    third = identity["frame"] % 8 == 0
    identity.loc[third, "subject"] = "ann"
    identity.to_parquet(data / "splits/sample/identity.parquet")
    selected = pd.read_parquet(data / "selected/sample/selected.parquet")
    places = identity[["path", "yaw", "crop_landmarks"]]
    pd.concat([selected, places], axis=1).to_parquet(data / "selected/sample/selected.parquet")
    assert np.array_equal(selected["frame"], identity["frame"])
