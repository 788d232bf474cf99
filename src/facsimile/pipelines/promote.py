"""Make a recipe of an MLflow run: promote run=ID name=NAME writes conf/experiment/NAME.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from facsimile.errors import UserError
from facsimile.media.files import atomic_path
from facsimile.pipelines.composing import main_conf
from facsimile.pipelines.origin import OVERRIDES, REVISION
from facsimile.pipelines.overrides import choices
from facsimile.pipelines.record import flatten
from facsimile.pipelines.resolve import portable, resolved
from facsimile.pipelines.sweep import tracker

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig

    from facsimile.tracking.recorded import Recorded

NAME = re.compile(r"[a-z][a-z0-9_]*")
SHOWN = 5  # settings that came out otherwise
# of a command, not of a recipe; its starting net is
NOT_OF_A_RECIPE = ("experiment", "name", "evaluate", "sweep", "input", "consent", "force", "run")


def run(cfg: DictConfig) -> None:
    """Write the recipe, and see that it composes to what the run was trained with.

    With force=true it is kept where it does not: what stands in conf/ may have changed since.

    Raises:
        UserError: there is no such run, it did not come to its end, it has no recipe to start from,
            the name is taken or none, an override cannot stand in a recipe, or it composes to
            something else.
    """
    from facsimile.tracking.recorded import recorded

    if cfg.run is None or cfg.name is None:
        raise UserError("say which, and what to call it: facsimile promote run=ID name=NAME")
    name, conf = str(cfg.name), main_conf()
    if not NAME.fullmatch(name):
        raise UserError(f"name={name}: give small letters, digits and _, as enhancement_small")
    if name in choices("experiment", conf):
        raise UserError(f"there is an experiment={name} already: give another name=NAME")
    target = conf / "experiment" / f"{name}.yaml"
    promoted = recorded(tracker(cfg), str(cfg.run))
    _check_end(promoted, bool(cfg.force))
    with atomic_path(target) as path:
        path.write_text(recipe(promoted, name), encoding="utf-8")
    kept = False
    try:
        told = differences(cfg, promoted, name)
        kept = not told or bool(cfg.force)
    finally:
        if not kept:
            target.unlink()
    if not kept:
        raise UserError(
            f"no recipe is made of run={promoted.run_id}: the one that it started from, or what "
            f"else stands in conf/, has changed since: {told}. force=true makes it all the same"
        )
    _tell(target, name, promoted, told)


def _check_end(promoted: Recorded, force: bool) -> None:
    if promoted.status != "FINISHED" and not force:
        why = promoted.tags.get("error", "")
        raise UserError(
            f"run={promoted.run_id} has not come to its end: it is {promoted.status}"
            f"{f', {why}' if why else ''}; force=true makes a recipe of it all the same"
        )


def recipe(promoted: Recorded, name: str) -> str:
    """The text of a recipe: the one that the run started from, and what was chosen beside it."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    given = json.loads(promoted.tags.get(OVERRIDES, "[]"))
    overrides = OverridesParser.create().parse_overrides(given)
    base = next((o.value() for o in overrides if o.key_or_group == "experiment"), None)
    if base is None:
        raise UserError(
            f"run={promoted.run_id} started from no recipe (experiment=NAME), so there is nothing "
            "that its settings could be put on top of"
        )
    chosen = [one for one in overrides if _key(one) not in NOT_OF_A_RECIPE]
    groups = [one for one in chosen if _is_group(one)]
    body = {
        "defaults": [str(base), *map(_choice, groups), "_self_"],
        "name": name,
        **_settings([one for one in chosen if one not in groups]),
    }
    return _head(promoted) + yaml.safe_dump(body, sort_keys=False, allow_unicode=True)


def _head(promoted: Recorded) -> str:
    revision = promoted.tags.get(REVISION, "")[:12] or "no commit"
    return (
        f"# @package _global_\n# Promoted from the MLflow run {promoted.run_id}, of {revision}.\n"
    )


def _key(override: Override) -> str:
    return override.key_or_group.partition(".")[0].partition("/")[0]


def _choice(override: Override) -> dict[str, Any]:
    """A choice of a group as a defaults list has it: another one, or one more."""
    _refuse_deletion(override)
    package = f"@{override.package}" if override.package else ""
    group = f"/{override.key_or_group}{package}"
    return {group if override.is_add() else f"override {group}": _plain(override.value())}


def _is_group(override: Override) -> bool:
    from hydra.core.global_hydra import GlobalHydra

    return bool(GlobalHydra.instance().config_loader().get_group_options(override.key_or_group))


def _settings(overrides: Sequence[Override]) -> dict[str, Any]:
    """Settings where their dotted keys say, a later one on top of an earlier one, as Hydra does."""
    from omegaconf import OmegaConf

    settings = OmegaConf.create({})
    for one in overrides:
        _refuse_deletion(one)
        OmegaConf.update(settings, one.key_or_group, _plain(one.value()), force_add=True)
    plain: dict[str, Any] = OmegaConf.to_container(settings)  # type: ignore[assignment]
    return plain


def _refuse_deletion(override: Override) -> None:
    """A recipe on top of another cannot take anything away from it."""
    if override.is_delete():
        raise UserError(
            f"{override.input_line} takes something away, which a recipe on top of another cannot; "
            "copy the recipe that the run started from, and leave it out there"
        )


def _plain(value: Any) -> Any:
    """A value of Hydra's grammar as YAML has it."""
    if isinstance(value, Mapping):
        return {str(getattr(key, "text", key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return getattr(value, "text", value)


def differences(cfg: DictConfig, promoted: Recorded, name: str) -> str:
    """In what the recipe of this name composes to something else than the run was logged with."""
    from hydra import compose

    composed = compose("config", [f"experiment={name}"])
    composed.paths = cfg.paths
    ours = flatten(resolved(portable(composed)))
    theirs = flatten(yaml.safe_load(promoted.config))
    differ = [k for k in {**theirs, **ours} if ours.get(k) != theirs.get(k) and k != "name"]
    return ", ".join(f"{k}={ours.get(k)} not {theirs.get(k)}" for k in differ[:SHOWN])


def _tell(target: Path, name: str, promoted: Recorded, told: str) -> None:
    task, data = promoted.tags.get("task", "TASK"), promoted.tags.get("data", "sample")
    print(f"{target}: facsimile train experiment={name}")
    if told:
        print(f"it is not what the run was trained with: {told}")
    print(
        f"for `dvc repro` add a line to params.yaml, below experiments, {task}:\n"
        f"    {name}: {{data: {data}}}"
    )
