"""Trained nets that the studio may use: by name, out of whatever list it is given."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import yaml
from jaxtyping import UInt8

from facsimile.provenance.sign import Claim
from facsimile.studio.errors import NotFoundError

Image = UInt8[np.ndarray, "_ _ 3"]
Enhance = Callable[[Image], Image]


@dataclass(frozen=True)
class Model:
    """A trained net, or an architecture that nobody has trained here.

    Args:
        name: What it is asked for by, as `enhancement_r2unet@best`.
        task: swap, enhancement or detection.
        architecture: The stem of its file below conf/model.
        trained: Whether there are weights.
        origin: Where it comes from, in words.
        metrics: What it reached, by the metrics' keys.
    """

    name: str
    task: str
    architecture: str
    trained: bool = True
    origin: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Restorer:
    """A net that restores pictures, and what is to be said of what it made."""

    enhance: Enhance
    claim: Claim


#: Reads a checkpoint.
Load = Callable[[Path], Restorer]


@runtime_checkable
class ModelList(Protocol):
    """Lists models, and gives those that restore pictures."""

    def models(self) -> list[Model]:
        """Every model, in a fixed order."""
        ...

    def restorer(self, name: str) -> Restorer:
        """What restores pictures; raises NotFoundError where no enhancement has this name."""
        ...


class NoModels:
    """An empty list."""

    def models(self) -> list[Model]:
        """None."""
        return []

    def restorer(self, name: str) -> Restorer:
        """Raise NotFoundError."""
        raise NotFoundError(f"there is no model {name}: train one, or choose another")


class Checkpoints:
    """The recipes' checkpoints below a folder of experiments, and architectures without one.

    Args:
        folder: `FOLDER/NAME/checkpoint.ckpt` with `metrics.json` beside it.
        architectures: Names of nets that can be trained.
        load: Gives what restores pictures with a checkpoint.
    """

    def __init__(self, folder: Path, architectures: tuple[str, ...], load: Load) -> None:
        self._folder, self._architectures, self._load = folder, architectures, load
        self._loaded: dict[tuple[Path, int], Restorer] = {}
        self._lock = threading.Lock()

    def models(self) -> list[Model]:
        """Trained ones first, each in the order of the names."""
        trained = [_model(path) for path in self._paths()]
        known = {one.architecture for one in trained}
        left = [name for name in self._architectures if name not in known]
        return trained + [Model(name, "", name, trained=False) for name in left]

    def restorer(self, name: str) -> Restorer:
        """What restores pictures; raises NotFoundError where no enhancement has this name."""
        path = next((one for one in self._paths() if one.parent.name == name), None)
        if path is None or _model(path).task != "enhancement":
            raise NotFoundError(f"there is no trained restoration {name}: choose one of /models")
        with self._lock:
            key = (path, path.stat().st_mtime_ns)
            if key not in self._loaded:
                self._loaded = {key: self._load(path)}  # one at a time: they may be large
            return self._loaded[key]

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*/checkpoint.ckpt"))


def _model(path: Path) -> Model:
    config = path.parent / "config.yaml"
    changed = config.stat().st_mtime_ns if config.is_file() else 0
    task, architecture = _read_config(config, changed)
    name, folder = path.parent.name, path.parent
    return Model(name, task, architecture, True, f"{folder.parent.name}/{name}", _metrics(folder))


@lru_cache(maxsize=256)
def _read_config(path: Path, _changed: int) -> tuple[str, str]:
    """Task and architecture that a recipe's configuration names, empty where it does not."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        net = str(said["model"]["_target_"])
        return str(said["task"]["name"]), net.split(".")[-2]
    except (OSError, yaml.YAMLError, KeyError, TypeError, IndexError):
        return "", ""


def _metrics(folder: Path) -> dict[str, float]:
    try:
        said = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    flat = said if isinstance(said, dict) else {}
    return {str(key): value for key, value in flat.items() if isinstance(value, int | float)}
