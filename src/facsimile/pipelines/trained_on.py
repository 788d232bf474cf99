"""Which models a data set's person went into, as far as folders and MLflow can tell."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from facsimile.pipelines.version import data_version

if TYPE_CHECKING:
    from omegaconf import DictConfig

TABLES = {"swap": "swap.parquet"}  # by task; the others learn from identity.parquet
IDENTITY = "identity.parquet"


@dataclass(frozen=True)
class Model:
    """A trained model: its folder or run, and what it has to do with the person, in words."""

    name: str
    how: str


def models(
    cfg: DictConfig, dataset: str, subject: str, splits: Mapping[str, Mapping[str, int]]
) -> list[Model]:
    """Return the models below experiments/ and multirun/ that a person was in the data of.

    Args:
        cfg: The configuration.
        dataset: The person's data set.
        subject: The person.
        splits: For swap.parquet and identity.parquet, the person's faces in each split.
    """
    root, current = Path(cfg.paths.root), data_version(cfg)
    found = []
    for folder in _folders(Path(cfg.paths.experiments), root / "multirun"):
        told = _description(folder)
        counts = splits.get(told["table"]) or {}
        of_others = told["pair"] not in (None, sorted(cfg.params.select.swap_pair))
        if dataset in told["data"] and (subject in told["pair"] if of_others else counts):
            shares = ", ".join(f"{n} in {split}" for split, n in sorted(counts.items()))
            faces = "one of its pair" if of_others else f"faces {shares}"
            found.append(Model(_relative(folder, root), f"{faces}{_as_of(told, current)}"))
        elif f"{dataset}/{subject}" in told["earlier"]:
            found.append(Model(_relative(folder, root), "started from a net that saw faces"))
    return found


def tracked(cfg: DictConfig, dataset: str) -> list[Model]:
    """Return the MLflow runs on a data set; none where the store is a file that is not there."""
    address = str(cfg.logger.mlflow.tracking_uri)
    if address.startswith("sqlite:///") and not Path(address.removeprefix("sqlite:///")).is_file():
        return []
    from facsimile.pipelines.sweep import tracker

    runs, current = tracker(cfg), data_version(cfg)
    query = f"params.`data.name` = '{dataset}'"
    found = runs.client.search_runs([runs.experiment_id], query, max_results=5000)
    return [
        Model(
            f"MLflow run {run.info.run_id}",
            f"{run.info.run_name}{_as_of({'version': run.data.tags.get('version.data')}, current)}",
        )
        for run in found
    ]


def _folders(*places: Path) -> Iterator[Path]:
    """The folders in which a model was trained: with a checkpoint, or what training leaves."""
    for place in places:
        checkpoints = {path.parent for path in place.rglob("checkpoint.ckpt")}
        left = {path.parents[1] for path in place.rglob("train/version.yaml")}
        described = {path.parent for path in place.rglob("config.yaml")}
        yield from sorted(checkpoints | left | described)


def _description(folder: Path) -> dict[str, Any]:
    """Data sets, table and version of the data that a model's folder tells of.

    `pair` are the two of a swap, where it is told; `earlier` is what the net that it started from
    had learned from.
    """
    config = _yaml(folder / "config.yaml")
    meta = _metadata(folder / "checkpoint.ckpt")
    version = meta.get("version") or _yaml(folder / "train" / "version.yaml")
    described = config.get("task") or {}
    task = meta.get("task") or described.get("name")
    pretrained = meta.get("pretrain") or (described.get("data_module") or {}).get("pretrain")
    return {
        "data": _learnt_from(meta) or _to_be_learnt_from(config),
        "table": IDENTITY if pretrained else TABLES.get(str(task), IDENTITY),
        "pair": None if pretrained else _pair(meta, config),
        "version": version.get("data"),
        "earlier": (meta.get("init") or {}).get("training_data") or [],
    }


def _pair(meta: Mapping[str, Any], config: Mapping[str, Any]) -> list[str] | None:
    """The people of a swap, which another than the data set's usual two may be of."""
    if (meta.get("task") or (config.get("task") or {}).get("name")) != "swap":
        return None
    known = (meta.get("subjects") or {}).values()
    return sorted(known or (config.get("data") or {}).get("swap_pair") or []) or None


def _learnt_from(meta: Mapping[str, Any]) -> list[str]:
    """The data sets of a checkpoint: its own, and for a detection all others, named as a whole."""
    earlier = (meta.get("init") or {}).get("training_data") or []
    others = [one for one in meta.get("training_data") or [] if one not in earlier]
    return [meta["data"], *(one for one in others if "/" not in one)] if meta.get("data") else []


def _to_be_learnt_from(config: Mapping[str, Any]) -> list[str]:
    module = (config.get("task") or {}).get("data_module") or {}
    return list(module.get("data") or [(config.get("data") or {}).get("name")])


def _yaml(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}


def _metadata(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    import torch

    try:
        stored = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        return dict(stored.get("facsimile", {}))
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, AttributeError):
        return {}  # what lies beside it has to tell


def _as_of(told: Mapping[str, Any], current: str) -> str:
    if told["version"] is None:
        return "; not known to be trained yet"
    return "" if told["version"] == current else "; trained on another version of the data"


def _relative(folder: Path, root: Path) -> str:
    return str(folder.relative_to(root) if folder.is_relative_to(root) else folder)
