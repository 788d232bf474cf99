"""Where a command writes: `output=`, a job's own folder below it, or the usual place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hydra.experimental.callback import Callback
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.media.files import Made

if TYPE_CHECKING:
    from omegaconf import DictConfig


FILES = (".mp4", ".json")  # what render and verify are told to write
RENDERED = Made(("lossless", "signed"))
#: The folders below a recipe's that training and its evaluation replace.
RECIPE = {
    "train": Made(("version.yaml", "curves.csv", "previews"), ("*",)),
    "render": RENDERED,
    "tables": Made(("*.parquet",)),
    "plots": Made(("*.csv", "*.png")),
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


def check_recipe_folder(folder: Path) -> None:
    """Make sure, before any work, that a recipe's stage replaces nothing but earlier results.

    Raises:
        UserError: a folder of these names holds something else.
    """
    for name, made in RECIPE.items():
        made.check(folder / name)


def sweep_folder(output: str | None, root: str, time: str) -> str:
    """The folder of a sweep: `output=`, else multirun/ below the root or beside an output file.

    >>> sweep_folder("/tmp/sw", ".", "noon"), sweep_folder("out/a.mp4", ".", "noon")
    ('/tmp/sw', 'out/multirun/noon')
    """
    if output is None:
        return str(Path(root) / "multirun" / time)
    path = Path(str(output))  # YAML may have read a number
    return str(path.parent / "multirun" / time if path.suffix in FILES else path)


class SweepFolder(Callback):
    """Nothing but a reason for Hydra to import this module before it asks for the folder."""


OmegaConf.register_new_resolver("sweep_folder", sweep_folder)
