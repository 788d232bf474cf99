"""Where a run came from, as its tags, its name and its data sets in MLflow tell."""

from __future__ import annotations

import getpass
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.media.files import sha256
from facsimile.pipelines.learnt import learnt_grounds, learnt_names
from facsimile.pipelines.machine import machine_tags
from facsimile.pipelines.version import Measurement, Version, training_version

if TYPE_CHECKING:
    from omegaconf import DictConfig

OVERRIDES = "overrides"  # the tag of what was chosen beside the recipe
DIRTY, REVISION, LOCK = "git.dirty", "git.revision", "environment.lock"
# what a result is a function of; dvc.lock and experiments/ change by running
DECIDING = ("src", "conf", "params.yaml", "pyproject.toml", "requirements.lock")
# where things lie on this machine, and what is only about logging
OF_THIS_MACHINE = ("output", "checkpoint", "paths", "logger", "hydra", "sweep")
# `dvc repro` measures in another stage, and the run is the same
NOT_CHOSEN = (*OF_THIS_MACHINE, "evaluate")
COMMANDS = ("train", "evaluate")
NAME, DIGEST = 100, 36  # characters


def provenance_tags(cfg: DictConfig, version: Version, measured: Measurement) -> dict[str, str]:
    """What a run is of and where it came from: recipe, data, code, environment, machine."""
    root, chosen = Path(cfg.paths.root), overrides(cfg)
    revision, lock = _git(root, "rev-parse", "HEAD"), root / "requirements.lock"
    if training_version(cfg).code != version.code:
        revision = ""  # of another commit, which nobody noted: DVC restored the net
    return {
        "recipe": str(cfg.name),
        "task": str(cfg.task.name),
        "data": ", ".join(learnt_names(cfg)),
        "seed": str(cfg.seed),
        OVERRIDES: json.dumps(chosen),
        REVISION: revision,
        DIRTY: str(bool(_git(root, "status", "--porcelain", "--", *DECIDING))),
        LOCK: sha256(lock) if lock.is_file() else "",
        **machine_tags(),
        "measured": measured.config,
        "mlflow.source.name": " ".join(["facsimile train", *chosen]),
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": revision,
        "mlflow.user": _user(),
        **{f"version.{key}": value for key, value in asdict(version).items()},
        **{f"dvc.{path}": md5 for path, md5 in dvc_inputs(cfg).items()},
    }


def overrides(cfg: DictConfig) -> list[str]:
    """What was written behind the command, but for places on this machine, and `evaluate`."""
    from hydra.core.hydra_config import HydraConfig

    given: list[str] = [f"experiment={cfg.name}"]
    if HydraConfig.initialized() and HydraConfig.get().job.name in COMMANDS:
        given = list(HydraConfig.get().overrides.task)
    return [one for one in given if section_of(one) not in NOT_CHOSEN]


def is_of_this_machine(override: str) -> bool:
    """Whether an override only says where things lie, or how they are logged.

    >>> is_of_this_machine("paths.root=/data"), is_of_this_machine("optimizer.lr=1e-3")
    (True, False)
    """
    return section_of(override) in OF_THIS_MACHINE


def section_of(override: str) -> str:
    """The section of the configuration that an override changes.

    >>> section_of("+loss/term@loss.terms.patch_gan=patch_gan"), section_of("~scheduler.pct_start")
    ('loss', 'scheduler')
    """
    key = override.lstrip("+~").partition("=")[0]
    return key.partition(".")[0].partition("/")[0].partition("@")[0]


def run_name(cfg: DictConfig, measured: Measurement) -> str:
    """Recipe, what was chosen beside it, and the beginning of the version."""
    return f"{title(str(cfg.name or cfg.task.name), overrides(cfg))} @{measured.key[:6]}"


def title(name: str, given: Sequence[str]) -> str:
    """A recipe's name and what was chosen beside it.

    >>> title("swap_df", ["experiment=swap_df", "optimizer.lr=1e-3"])
    'swap_df lr=1e-3'
    """
    chosen = [one for one in given if not one.startswith(("experiment=", "name="))]
    return " ".join([name, *map(_short, chosen)])[:NAME]


def _short(override: str) -> str:
    key, equals, value = override.partition("=")
    return f"{key.rpartition('.')[2] if equals else key}{equals}{value}"


def inputs_of(cfg: DictConfig, version: Version) -> list[dict[str, Any]]:
    """The data sets that a run reads, each with the hash that DVC knows it by."""
    hashes = dvc_inputs(cfg)
    told = {"licence and consent": learnt_grounds(cfg)}
    learnt = [
        _dataset("training", name, f"data/splits/{name}", hashes, version.data, told)
        for name in learnt_names(cfg)
    ]
    tested = [
        _dataset("testing", Path(path).name, path, hashes, "not in dvc.lock", {})
        for path in _tested(cfg)
    ]
    return learnt + tested


def _dataset(
    context: str, name: str, path: str, hashes: Mapping[str, str], otherwise: str,
    told: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    known = {place: md5 for place, md5 in hashes.items() if Path(place).name == name}
    dataset = {
        "name": name,
        "digest": hashes.get(path, otherwise)[:DIGEST],
        "source_type": "dvc",
        "source": json.dumps({"path": path}),
        "profile": json.dumps({**told, "dvc": known}),
    }
    return {"context": context, "dataset": dataset}


def dvc_inputs(cfg: DictConfig) -> dict[str, str]:
    """Path -> hash of all that DVC knows of the data sets and pretrained nets that a run reads."""
    tested = (Path(path).name for path in _tested(cfg))
    names = {*learnt_names(cfg), *tested, "models"}
    known = known_to_dvc(Path(cfg.paths.root))
    return {path: md5 for path, md5 in known.items() if Path(path).name in names}


def known_to_dvc(root: Path) -> dict[str, str]:
    """Path -> hash of what the pipeline and the studies of a project make."""
    found: dict[str, str] = {}
    for lock in (root / "dvc.lock", *sorted(root.glob("experiments/*/dvc.lock"))):
        found |= dvc_hashes(lock)
    return found


def _tested(cfg: DictConfig) -> Iterator[str]:
    """The folders of what a net is measured on, from the project's root."""
    task = cfg.task.name
    if task == "swap":
        yield f"data/raw/{cfg.data.name}"
    elif task == "enhancement":
        yield f"data/degraded/{cfg.data.name}"
    else:
        names = cfg.evaluation.get("data") or learnt_names(cfg)
        yield from (f"data/splits/{name}" for name in names)


def dvc_hashes(lock: Path) -> dict[str, str]:
    """Output path -> hash of the stages that a dvc.lock knows."""
    import yaml

    if not lock.is_file():
        return {}
    stages: Mapping[str, Any] = yaml.safe_load(lock.read_text(encoding="utf-8")).get("stages", {})
    outs = [out for stage in stages.values() for out in stage.get("outs", [])]
    return {out["path"]: out["md5"] for out in outs if "md5" in out}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may have none
        return ""


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
