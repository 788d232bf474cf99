"""What identifies a result: the hash of its configuration, its data and its code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.media.files import sha256
from facsimile.pipelines.imports import sources, targets
from facsimile.pipelines.learnt import learnt_names, mask_net
from facsimile.pipelines.resolve import portable, resolved
from facsimile.pipelines.starting_net import start_of

if TYPE_CHECKING:
    from omegaconf import DictConfig

PACKAGE = Path(__file__).resolve().parents[1]
TRAINING, EVALUATION = "facsimile.pipelines.train", "facsimile.pipelines.evaluate"
# of which a configuration or a checkpoint names what it builds, so that no import tells
MEASURING_CODE = (
    "degradations", "evaluation", "faces", "filters", "inference", "media", "metrics", "models",
    "rendering",
)  # fmt: skip
# with all that they import, as what reads the tested faces
MEASURING_STAGES = (
    "baselines", "degrade", "detection_evaluation", "evaluate", "face_model", "held_out", "render",
    "renderer", "signing", "swap_clip", "swap_evaluation", "target_person", "trained_swap",
)  # fmt: skip
# how a net is rendered and measured does not change what it learns
TRAINING_SECTIONS = (
    "seed", "data", "degradation", "model", "task", "loss", "optimizer", "scheduler",
    "metrics", "trainer", "callbacks",
)  # fmt: skip
# they decide how a trained net looks and scores; an enhancement is tested as `task` says
MEASURING_SECTIONS: dict[str, tuple[str, ...]] = {
    "swap": ("detector", "embedder", "evaluation", "render"),
    "detection": ("evaluation",),
}
# what the data section says of itself; another wording trains no other net
DESCRIPTIONS = ("source", "licence", "consent", "citation", "sources")
# nor does another place of the decisions, which show in the selection, a part of the data
UNLEARNT = (*DESCRIPTIONS, "decisions")


@dataclass(frozen=True)
class _Parts:
    @property
    def key(self) -> str:
        """One short hash of all parts."""
        return _digest_values(asdict(self))[:16]


@dataclass(frozen=True)
class Version(_Parts):
    """Hashes of the three things that a trained net is a function of."""

    config: str
    data: str
    code: str


FIELDS = {field.name for field in fields(Version)}


@dataclass(frozen=True)
class Measurement(_Parts):
    """What a tracked run is a function of: the net's key, and hashes of how it is measured."""

    training: str
    config: str
    code: str


def training_version(cfg: DictConfig) -> Version:
    """The version of the net that this configuration trains, here and now."""
    return Version(
        config=_digest_values(training_config(cfg)),
        data=data_version(cfg),
        code=_digest_files(code_files(cfg)),
    )


def data_version(cfg: DictConfig) -> str:
    """The hash of the faces that this configuration trains on, here and now."""
    return _digest_files(manifests(cfg))


def version_of(meta: Mapping[str, Any]) -> Version | None:
    """The version that a checkpoint's description states, if it states one."""
    stated = meta.get("version")
    return Version(**stated) if isinstance(stated, dict) and {*stated} == FIELDS else None


def measurement(cfg: DictConfig, version: Version) -> Measurement:
    """How this configuration measures a net of that version, here and now."""
    return Measurement(version.key, _digest_values(measuring_config(cfg)), _measuring_code())


def is_of(cfg: DictConfig, version: Version) -> bool:
    """Whether that version's settings are this configuration's."""
    return version.config == _digest_values(training_config(cfg))


def mismatch(cfg: DictConfig, version: Version) -> str | None:
    """Say in what a net of that version differs from what this configuration describes, if so."""
    if not is_of(cfg, version):
        return "it was trained with other settings"
    if version.data != data_version(cfg):
        return "it was trained on other data"
    return None


def training_config(cfg: DictConfig) -> dict[str, Any]:
    """The resolved sections that training depends on, free of this machine's paths.

    Raises:
        UserError: The checkpoint that it is to start from is not there.
    """
    sections = resolved(portable(cfg))
    data = sections["data"] or {}
    sections["data"] = {key: value for key, value in data.items() if key not in UNLEARNT}
    chosen = {key: sections[key] for key in TRAINING_SECTIONS}
    return chosen | start_of(cfg) | _mask_net(cfg, sections["task"])


def _mask_net(cfg: DictConfig, task: dict[str, Any] | None) -> dict[str, Any]:
    """The net that draws the training masks, by its content and, in the task, not by its place."""
    path = mask_net(cfg)
    if path is None or task is None:
        return {}
    task["data_module"]["mask"]["net"]["checkpoint"] = None
    if not path.is_file():
        raise UserError(f"task.data_module.mask.net.checkpoint={path}: there is no such checkpoint")
    return {"mask_net": sha256(path)}


def measuring_config(cfg: DictConfig) -> dict[str, Any]:
    """The resolved sections that the results of a net depend on beyond those of its training."""
    sections = resolved(portable(cfg))
    task = (sections["task"] or {}).get("name")
    chosen = {key: sections[key] for key in MEASURING_SECTIONS.get(str(task), ())}
    return chosen | {name: sha256(path) for name, path in _test_sets(cfg, str(task)).items()}


def _test_sets(cfg: DictConfig, task: str) -> dict[str, Path]:
    """Files that change with what an enhancement or a detection is measured on, where made."""
    told = {}
    if task == "enhancement":  # its pixels, and the blind chain
        told = {"test_sets": Path(cfg.paths.data, "baselines", cfg.data.name, "blind_chain.yaml")}
    if task == "detection":
        names = cfg.evaluation.get("data") or []
        told = {f"test_{name}": Path(cfg.paths.splits, name, "identity.parquet") for name in names}
    return {name: path for name, path in told.items() if path.is_file()}


def manifests(cfg: DictConfig) -> list[Path]:
    """The tables that say which faces a recipe sees; their columns are computed from pixels."""
    places = (cfg.paths.selected, cfg.paths.splits)
    folders = [Path(place, name) for name in learnt_names(cfg) for place in places]
    return sorted(path for folder in folders for path in folder.glob("*.parquet"))


def code_files(cfg: DictConfig) -> list[Path]:
    """The source files that training this configuration runs through, but for mere plumbing."""
    sections = training_config(cfg)
    del sections["data"]  # training reads the tables of the data set, never its own listing
    built = {target.rpartition(".")[0] for target in targets(sections)}
    return sources({TRAINING, *built}, without=(EVALUATION,))


@cache
def _measuring_code() -> str:
    """Read once: a training that outlasts an edit is evaluated by the code it started with."""
    return _digest_files(measuring_files())


def measuring_files() -> list[Path]:
    """The source files that the results of a trained net depend on, whatever its task."""
    built = {path for part in MEASURING_CODE for path in (PACKAGE / part).rglob("*.py")}
    run = sources(f"facsimile.pipelines.{stage}" for stage in MEASURING_STAGES)
    return sorted(built.union(run))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest_values(values: Mapping[str, Any]) -> str:
    return _digest(json.dumps(values, sort_keys=True).encode())


def _digest_files(paths: Iterable[Path]) -> str:
    """A hash of names and contents, the same wherever the folder lies."""
    return _digest("".join(f"{path.name} {sha256(path)}\n" for path in paths).encode())
