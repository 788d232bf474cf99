"""Models of MLflow's registry beside those of other lists."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from facsimile.errors import UserError
from facsimile.studio.errors import NotFoundError
from facsimile.studio.models import Load, Model, ModelList, Restorer

_FRESH = 20.0  # seconds that a list is shown for before the registry is asked again


@runtime_checkable
class Registry(Protocol):
    """What is asked of the registry."""

    def registered(self) -> list[dict[str, Any]]:
        """Every version: `name`, `version`, `best`, `task`, `metrics`."""
        ...

    def checkpoint(self, name: str, version: str, folder: Path) -> Path:
        """Copy a version's checkpoint into a folder."""
        ...


class RegisteredModels:
    """The registry's models: `NAME@best`, or `NAME@VERSION`.

    Args:
        registry: The registry.
        folder: Where checkpoints are copied to.
        load: Gives what restores pictures with a checkpoint.
    """

    def __init__(self, registry: Registry, folder: Path, load: Load) -> None:
        self._registry, self._folder, self._load = registry, folder, load
        self._lock = threading.Lock()
        self._known: list[dict[str, Any]] = []
        self._asked = -_FRESH
        self._loaded: tuple[str, Restorer] | None = None

    def models(self) -> list[Model]:
        """The best of each name first; none where the registry cannot be reached."""
        rows = sorted(self._rows(), key=lambda row: (row["name"], not row["best"]))
        return [
            Model(_called(row), row["task"], row["name"].partition("-")[2], True,
                  f"MLflow, version {row['version']}", row["metrics"])
            for row in rows
        ]  # fmt: skip

    def restorer(self, name: str) -> Restorer:
        """What restores pictures; raises NotFoundError where no enhancement has this name."""
        row = next((one for one in self._rows() if _called(one) == name), None)
        if row is None or row["task"] != "enhancement":
            raise NotFoundError(f"there is no registered restoration {name}")
        key = f"{row['name']}-{row['version']}"
        with self._lock:
            if self._loaded is None or self._loaded[0] != key:
                folder = self._folder / key
                found = sorted(folder.rglob("*.ckpt"))
                path = found[0] if found else self._copied(row, folder)
                self._loaded = key, self._load(path)
            return self._loaded[1]

    def _copied(self, row: dict[str, Any], folder: Path) -> Path:
        return self._registry.checkpoint(row["name"], row["version"], folder)

    def _rows(self) -> list[dict[str, Any]]:
        if time.monotonic() - self._asked > _FRESH:
            try:
                self._known = self._registry.registered()
            except UserError:
                self._known = []  # a server that is away hides its models, not the others'
            self._asked = time.monotonic()
        return self._known


class Joined:
    """Several lists as one; of two models of one name the first counts."""

    def __init__(self, lists: Sequence[ModelList]) -> None:
        self._lists = tuple(lists)

    def models(self) -> list[Model]:
        """Those of the first list first, trained ones before architectures."""
        every = [model for one in self._lists for model in one.models()]
        return sorted(every, key=lambda model: not model.trained)

    def restorer(self, name: str) -> Restorer:
        """What restores pictures; raises NotFoundError where no list has it."""
        for one in self._lists:
            try:
                return one.restorer(name)
            except NotFoundError:
                continue
        raise NotFoundError(f"there is no trained restoration {name}: choose one of /models")


def _called(row: dict[str, Any]) -> str:
    return f"{row['name']}@{'best' if row['best'] else row['version']}"
