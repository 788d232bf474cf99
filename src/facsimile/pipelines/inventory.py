"""List the files of a data set by path, size and time, or by content, so that DVC knows them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder
from facsimile.pipelines.places import output_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig

_MADE = Made(("inventory.parquet",))


def run(cfg: DictConfig) -> None:
    """List what lies below the root of `data=NAME` into `data/inventory/NAME` or `output=`."""
    from facsimile.data.inventory import INVENTORY, take_inventory
    from facsimile.data.tables import write_parquet

    output = output_folder(cfg, Path(cfg.paths.inventory) / cfg.data.name)
    _MADE.check(output)
    root = Path(cfg.data.root)
    if not root.is_dir():
        raise UserError(f"there is no {root}, the root of data={cfg.data.name}")
    rows = take_inventory(root, bool(cfg.data.hash))
    with atomic_folder(output, _MADE) as folder:
        write_parquet(folder / "inventory.parquet", rows, INVENTORY)
    size = sum(row["size"] for row in rows) / 1e9
    print(f"{output}: {len(rows)} files, {size:.2f} GB", file=sys.stderr)
