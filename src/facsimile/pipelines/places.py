"""Where a command writes: `output=`, a job's own folder below it, or the usual place."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
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

#: The data sets that a command makes, and no download.
MAKERS = {
    "sample": "fetch",
    "self_blended": "self-blend data=sample",
    "fakes": "fakes",
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


def check_output(cfg: DictConfig) -> None:
    """Refuse, before any work, an `output=` below which nothing can be written.

    Raises:
        UserError: it says where, and why.
    """
    if cfg.output is None:
        return
    above = Path(cfg.output).absolute().parent
    there = next(folder for folder in (above, *above.parents) if folder.exists())
    try:
        with NamedTemporaryFile(prefix=".facsimile-", dir=there):
            pass
    except OSError as error:
        raise UserError(
            f"output={cfg.output} cannot be written: {there}: {error.strerror}"
        ) from error


def data_root(cfg: DictConfig) -> Path:
    """The folder or file that the data set lies in.

    Raises:
        UserError: It is not there; it says what makes it, or how to say where it is.
    """
    root, name = Path(cfg.data.root), cfg.data.name
    if root.exists():
        return root
    where = f"there is no {root}, the root of data={name}"
    if address := cfg.data.get("address"):
        raise UserError(f"{where}: fetch {address} first, in the studio")
    if command := MAKERS.get(name):
        raise UserError(f"{where}: `facsimile {command}` makes it")
    raise UserError(f"{where}: data.root=DIR or {name.upper()}_ROOT says where it is")


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
