"""Where a person may be: the data set's folders, those of studies, and what was made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from facsimile.data.holdings import Holding, Person, files_of
from facsimile.data.made_holdings import made_of, of_blends, of_fakes, of_stressed, of_study
from facsimile.data.shown import ON

if TYPE_CHECKING:
    from omegaconf import DictConfig

FAKES, BLENDS = "fakes", "self_blended"
#: Data sets that are made here of people of another, under their names there.
MADE = (FAKES, BLENDS)
_PARTS = ("faces", "selected", "splits")


def parts(cfg: DictConfig) -> list[Path]:
    """The folders that stages make of faces, each with a folder for every data set."""
    made = (cfg.paths.faces, cfg.paths.selected, cfg.paths.splits)
    return [*map(Path, made), *(Path(cfg.paths.data, name) for name in ("degraded", "baselines"))]


def places(cfg: DictConfig, dataset: str) -> list[Path]:
    """The folders of a data set's faces: those, and the ones that a study made for itself."""
    studies = Path(cfg.paths.experiments)
    own = (path for part in _PARTS for path in studies.rglob(f"{part}/{dataset}") if path.is_dir())
    return [*(part / dataset for part in parts(cfg)), *sorted(own)]


def split_tables(cfg: DictConfig, dataset: str, name: str) -> list[Path]:
    """A data set's split table, and those that studies made for themselves."""
    folders = [Path(cfg.paths.splits) / dataset, *places(cfg, dataset)]
    return [path for path in dict.fromkeys(one / name for one in folders) if path.is_file()]


def made_holdings(cfg: DictConfig, person: Person) -> dict[Path, Holding]:
    """What the pictures and videos that were made here hold of a person; what came of others first.

    So that a call that was interrupted still finds what is left to do.
    """
    raw, found = Path(cfg.paths.raw), {}
    study, stressed = Path(cfg.paths.experiments, "stress"), Path(cfg.paths.data, "stressed")
    if person.dataset in {one.name for one in _folders(stressed)} or not stressed.is_dir():
        found[study] = of_study(study, person)
    for folder in _folders(stressed / person.dataset):
        found[folder] = of_stressed(folder, person)
    if _may_be(cfg, FAKES, person):
        found |= {folder: of_fakes(folder, person) for folder in _folders(raw / FAKES)}
    if _may_be(cfg, BLENDS, person):
        found[raw / BLENDS] = of_blends(raw / BLENDS, person)
    return {folder: held for folder, held in found.items() if held.files}


def also_named(cfg: DictConfig, person: Person) -> list[tuple[str, str]]:
    """The other names, each with its data set, that faces of the person have in what was made.

    In `fakes` these are the person's own, as real videos show them, and those of the fakes by or of
    them, such as `cap_on_franck`.
    """
    subject = person.subject
    names = [
        (name, one)
        for name in MADE
        if _may_be(cfg, name, person)
        for one in sorted(_subjects(cfg, name))
        if one == subject or one.startswith(f"{subject}{ON}") or one.endswith(f"{ON}{subject}")
    ]
    return [one for one in names if one != (person.dataset, subject)]


def _may_be(cfg: DictConfig, made: str, person: Person) -> bool:
    """Whether what is made may show the person, as far as what lies there tells."""
    folder = Path(cfg.paths.raw, made)
    if person.dataset in MADE:
        return person.dataset == made
    if made == BLENDS:
        return made_of(folder) in (None, person.dataset)
    videos = [*_folders(folder)]
    return not videos or any(of_fakes(one, person).files for one in videos)


def _subjects(cfg: DictConfig, dataset: str) -> set[str]:
    tables = (path for place in places(cfg, dataset) for path in place.glob("[!.]*.parquet"))
    return {
        str(one)
        for path in tables
        if path.name != "rejected.parquet" and "subject" in _columns(path)
        for one in pd.read_parquet(path, columns=["subject"])["subject"].dropna().unique()
    }


def _columns(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    return list(pq.read_schema(path).names)


def _folders(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.glob("[!.]*")) if path.is_dir() and files_of(path))
