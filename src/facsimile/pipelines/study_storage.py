"""The Optuna study of a sweep, as all its processes find it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.pipelines.objectives import Objective, objectives
from facsimile.tracking.store import without_password

if TYPE_CHECKING:
    import optuna
    from omegaconf import DictConfig

PATIENCE = 60  # seconds for another process's turn at a database that is a file


def optuna_quietly() -> Any:
    """Import Optuna; it says nothing beneath a warning."""
    try:
        import optuna
    except ImportError as error:
        raise UserError("sweep=optuna needs Optuna: pip install 'facsimile[sweep]'") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    warnings.filterwarnings("ignore", ".*step.* is already reported.*")  # a trial that goes on
    return optuna


def open_study(cfg: DictConfig, sweep: Path) -> optuna.Study:
    """Open the study of a sweep's folder, or begin it.

    Raises:
        UserError: there is nothing to compare by, it was begun with other objectives, or its
            database cannot be opened.
    """
    library = optuna_quietly()
    directions = [goal.direction for goal in goals_of(cfg)]
    address = cfg.sweep.storage or f"sqlite:///{sweep.absolute()}/study.db"
    # jobs that report at the same time wait for each other
    patience = {"connect_args": {"timeout": PATIENCE}} if address.startswith("sqlite") else {}
    try:
        study: optuna.Study = library.create_study(
            study_name=sweep.name, load_if_exists=True, directions=directions,
            storage=library.storages.RDBStorage(address, engine_kwargs=patience),
        )  # fmt: skip
    except Exception as error:  # of the database's own classes
        shown = without_password(address)
        raise UserError(f"sweep.storage={shown} cannot be used: {error}") from error
    if [one.name.lower() for one in study.directions] != directions:
        raise UserError(
            f"the study {sweep.name} was begun with {len(study.directions)} objectives of other "
            "directions; give another sweep.study=NAME or output=DIR"
        )
    return study


def goals_of(cfg: DictConfig) -> list[Objective]:
    """What a search is for.

    Raises:
        UserError: nothing is said, and the task has no usual one.
    """
    goals = objectives(cfg)
    if not goals:
        raise UserError(
            "say what to search for: sweep.objective=[METRIC], one or more of the metrics.json of "
            "such a training, as test/swap/face_ssim, with sweep.directions=[maximize]"
        )
    return goals
