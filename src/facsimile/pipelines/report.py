"""Write the report: one self-contained page of faces, curves, tables and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.pipelines.places import output_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.reports.origins import Lock
    from facsimile.reports.page import Section


def run(cfg: DictConfig) -> None:
    """Report on the data sets and recipes that params.yaml lists, into report/ or `output=`."""
    from facsimile.reports.origins import Lock
    from facsimile.reports.page import MADE, Page
    from facsimile.reports.recipe_sections import recipe_sections

    folder = output_folder(cfg, Path(cfg.paths.report))
    MADE.check(folder)
    lock = Lock(Path(cfg.paths.root) / "dvc.lock")
    sections = [section for name in cfg.params.datasets for section in _data(cfg, name, lock)]
    for task, recipes in cfg.params.experiments.items():
        for name, recipe in recipes.items():
            experiment = Path(cfg.paths.experiments, str(name))
            sections += recipe_sections(experiment, str(task), str(recipe.data), lock)
    Page("facsimile: report", sections).write(folder)
    print(f"{folder / 'index.html'}: {len(sections)} sections")


def _data(cfg: DictConfig, name: str, lock: Lock) -> list[Section]:
    from facsimile.reports.data_sections import faces_section, sources_section, splits_section

    paths = cfg.paths
    faces, selected = Path(paths.faces) / name, Path(paths.selected) / name
    return [
        sources_section(Path(paths.raw) / name, name, lock),
        faces_section(faces, selected, name, lock),
        splits_section(Path(paths.splits) / name, name, lock),
    ]
