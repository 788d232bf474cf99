"""What the trials of a study have in common: kept with it, and compared when a sweep goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.pipelines.objectives import Objective
from facsimile.pipelines.record import flatten
from facsimile.pipelines.sweep_space import Space
from facsimile.pipelines.version import data_version, measuring_config, training_config

if TYPE_CHECKING:
    import optuna
    from omegaconf import DictConfig

BEGUN = "begun with"  # the study's attribute: one, so that no kill leaves a part of it
SPACE, SETTINGS, FOLDER, GOALS = "space", "settings", "folder", "objective"
SHOWN = 5  # settings that differ


def check_begun(
    study: optuna.Study, space: Space, cfg: DictConfig, folder: Path, goals: Sequence[Objective]
) -> None:
    """Keep with a new study what it is begun with; compare with it what an old one was.

    Args:
        study: The study.
        space: What is searched.
        cfg: A trial's configuration: of one space always the same trial's.
        folder: The sweep's.
        goals: What is searched for. While no trial has reached any, others may be tried.

    Raises:
        UserError: names what is different.
    """
    from optuna.trial import TrialState

    ours = _begun(space, cfg, folder, goals)
    theirs = study.user_attrs.get(BEGUN, ours)
    told = [f"values of {key}" for key in _different(theirs[SPACE], ours[SPACE])]
    differ = _different(theirs[SETTINGS], ours[SETTINGS])[:SHOWN]
    told += [
        f"settings ({key}={ours[SETTINGS].get(key)}, not {theirs[SETTINGS].get(key)})"
        for key in differ
    ]
    if cfg.sweep.storage is not None and theirs[FOLDER] != ours[FOLDER]:
        told.insert(0, f"files, in {theirs[FOLDER]}")
    if theirs[GOALS] != ours[GOALS] and study.get_trials(states=[TrialState.COMPLETE]):
        told.append(f"objectives ({', '.join(theirs[GOALS])})")
    if told:
        raise UserError(
            f"the study {study.study_name} was begun with other {', other '.join(told)}: its "
            "trials could not be compared with these; give another sweep.study=NAME or output=DIR"
        )
    study.set_user_attr(BEGUN, ours)


def _begun(
    space: Space, cfg: DictConfig, folder: Path, goals: Sequence[Objective]
) -> dict[str, Any]:
    from optuna.distributions import distribution_to_json

    settings = flatten(training_config(cfg) | measuring_config(cfg))
    return {
        SPACE: {key: distribution_to_json(one) for key, one in space.items()},
        SETTINGS: settings | {"evaluate": cfg.evaluate, "data": data_version(cfg)[:12]},
        FOLDER: str(folder.absolute()),
        GOALS: [goal.metric for goal in goals],
    }


def _different(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    return [key for key in {**theirs, **ours} if theirs.get(key) != ours.get(key)]
