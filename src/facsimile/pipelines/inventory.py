"""List the files of a data set by path, size and time, or by content, so that DVC knows them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.media.files import Made, atomic_folder
from facsimile.pipelines.places import data_root, output_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.data.problems import Problem

_MADE = Made(("inventory.parquet",), ("decisions.csv",))
_SHOWN = 10  # problems


def run(cfg: DictConfig) -> None:
    """List what lies below the root of `data=NAME` into `data/inventory/NAME` or `output=`.

    A copy of the decisions by hand lies beside the list. What cannot be read or is not followed is
    told, and stands in the list all the same, so that a later list differs once it is mended.
    """
    from facsimile.data.decisions import copy_decisions
    from facsimile.data.inventory import INVENTORY, take_inventory
    from facsimile.data.tables import write_parquet

    output = output_folder(cfg, Path(cfg.paths.inventory) / cfg.data.name)
    _MADE.check(output)
    root = data_root(cfg)
    decisions = cfg.data.get("decisions")
    rows, problems = take_inventory(root, bool(cfg.data.hash))
    with atomic_folder(output, _MADE) as folder:
        write_parquet(folder / "inventory.parquet", rows, INVENTORY)
        file = None if decisions is None else Path(cfg.paths.root, decisions)
        copy_decisions(file, folder / "decisions.csv")
    size = sum(row["size"] for row in rows) / 1e9
    print(f"{output}: {len(rows)} files, {size:.2f} GB", file=sys.stderr)
    _tell(problems, output)


def _tell(problems: Sequence[Problem], output: Path) -> None:
    if not problems:
        return
    print(f"{output}: {len(problems)} of them cannot be used:", file=sys.stderr)
    for problem in problems[:_SHOWN]:
        print(f"  {problem.path}: {problem.reason}", file=sys.stderr)
    if len(problems) > _SHOWN:
        print(f"  and {len(problems) - _SHOWN} more", file=sys.stderr)
