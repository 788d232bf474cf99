"""Split faces into train, val and test without a leak: by person and original, and by time."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from omegaconf import DictConfig, OmegaConf

from facsimile.data.manifest import read_columns
from facsimile.data.selection import SELECTED, side_path
from facsimile.data.split_rules import split_rules
from facsimile.data.splits import (
    IDENTITY,
    SWAP,
    apart_officially,
    block_notes,
    check_leaks,
    notes,
    split_identities,
    split_swap,
    summary,
)
from facsimile.data.tables import write_parquet
from facsimile.media.files import Made, atomic_folder
from facsimile.pipelines.places import output_folder

_READ = [name for name in SELECTED.names if name in {*IDENTITY.names, *SWAP.names}]
_READ += ["official", "side", "face"]
_MADE = Made(("identity.parquet", "swap.parquet"), ("summary.yaml",))


def run(cfg: DictConfig) -> None:
    """Split `data/selected/<data.name>` into `data/splits/<data.name>`, or input= into output=."""
    output = output_folder(cfg, Path(cfg.paths.splits) / cfg.data.name)
    _MADE.check(output)
    people, time = split_rules(OmegaConf.to_container(cfg.params.split, resolve=True))
    people = replace(people, official=people.official and bool(cfg.data.official))
    folder = Path(cfg.input or Path(cfg.paths.selected) / cfg.data.name)
    faces = read_columns(folder / "selected.parquet", _READ, SELECTED, "select")
    identity = split_identities(faces, people)
    pair = _pair(faces)
    framed = split_swap(pair, time)
    swap = framed[framed.split != ""]
    check_leaks(identity, swap, time.gap, apart_officially(faces, people))
    counts = {**summary(identity, swap), "in_a_gap": len(framed) - len(swap)}
    told = [*notes(faces, identity, people), *block_notes(pair, time)]
    _write(output, identity, swap, {**counts, "notes": told})
    for line in [*_in_words(counts), *told]:
        print(f"{output}: {line}", file=sys.stderr)


def _in_words(counts: dict[str, Any]) -> list[str]:
    """A line for each split of people, and for each side of the swap.

    >>> test = {"faces": 1085, "fakes": 0, "subjects": 11}
    >>> _in_words({"identity": {"test": test}, "swap": {"cap": {"train": 90}}, "in_a_gap": 7})
    ['identity, test: 1085 faces, 0 fakes, 11 subjects', 'swap, cap: 90 train', '7 frames in a gap']
    """
    people = {f"identity, {name}": counted for name, counted in counts["identity"].items()}
    frames = {f"swap, {name}": counted for name, counted in counts["swap"].items()}
    lines = [
        f"{what}: {', '.join(f'{number} {kind}' for kind, number in counted.items())}"
        for what, counted in (people | frames).items()
    ]
    return [*lines, f"{counts['in_a_gap']} frames in a gap"]


def _pair(faces: pd.DataFrame) -> pd.DataFrame:
    pair = faces[faces.side != ""]
    rows = zip(pair.side, pair["clip"], pair.frame, pair.face, strict=True)
    return pair.assign(path=[side_path(*row) for row in rows])


def _write(
    output: Path, identity: pd.DataFrame, swap: pd.DataFrame, counts: dict[str, Any]
) -> None:
    with atomic_folder(output, _MADE) as made:
        write_parquet(made / "identity.parquet", identity, IDENTITY)
        write_parquet(made / "swap.parquet", swap, SWAP)
        (made / "summary.yaml").write_text(yaml.safe_dump(counts, sort_keys=True))
