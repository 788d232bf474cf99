"""Where a command writes: `output=`, a job's own folder below it, or the usual place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.media.files import Made

if TYPE_CHECKING:
    from omegaconf import DictConfig

RENDERED = Made(("lossless", "signed"))
#: The folders below a recipe's that training and its evaluation replace.
RECIPE = {
    "train": Made(("version.yaml", "curves.csv", "previews"), ("*",)),
    "render": RENDERED,
    "tables": Made(("*.parquet",), ("*.csv",)),
    "plots": Made(("*.csv", "*.png", "*.jpg")),
}


def output_folder(cfg: DictConfig, usual: Path) -> Path:
    """The folder a command fills: `output=`, in a sweep `output/N` of job N, else the usual one.

    Raises:
        UserError: `input=` is given alone. What stands in the usual place belongs to the data set.
    """
    from facsimile.pipelines.resolve import recipe_folder

    if cfg.output is not None:
        return recipe_folder(cfg)
    if cfg.get("input") is not None:
        raise UserError(f"say where the result of input={cfg.input} goes: output=DIR")
    return usual


def given_input(cfg: DictConfig) -> Path:
    """The file or folder that `input=` names.

    Raises:
        UserError: It is not there.
    """
    if cfg.input is None or not Path(cfg.input).exists():
        raise UserError(f"there is no {cfg.input}: give input=FILE or input=FOLDER")
    return Path(cfg.input)


def checkpoint_of(cfg: DictConfig, folder: Path | None) -> Path:
    """What `checkpoint=` names, else the folder's own (of `train output=`), else the recipe's.

    Raises:
        UserError: None of these is said.
    """
    if cfg.checkpoint is not None:
        return Path(cfg.checkpoint)
    own = folder / "checkpoint.ckpt" if folder else None
    if own and own.is_file():
        return own
    if cfg.name is None:
        raise UserError("say whose results: checkpoint=FILE.ckpt or experiment=NAME")
    return Path(cfg.paths.experiments, cfg.name, "checkpoint.ckpt")


def check_recipe_folder(folder: Path) -> None:
    """Make sure, before any work, that a recipe's stage replaces nothing but earlier results.

    Raises:
        UserError: a folder of these names holds something else.
    """
    for name, made in RECIPE.items():
        made.check(folder / name)
