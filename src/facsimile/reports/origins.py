"""Which command made a file, and which version of it lies here: read from dvc.lock."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml


@dataclass(frozen=True)
class Origin:
    """The command behind an output, and the output's hash; empty where DVC has not recorded it."""

    path: str
    command: str
    md5: str = ""

    def text(self) -> str:
        """One line for people.

        >>> Origin("data/faces/sample", "facsimile extract", "ab12.dir").text()
        '`facsimile extract` made data/faces/sample, md5 ab12.dir'
        """
        version = f"md5 {self.md5}" if self.md5 else "no version recorded by DVC"
        return f"`{self.command}` made {self.path}, {version}"


class Lock:
    """The stages that dvc.lock knows; none where there is no such file."""

    def __init__(self, path: Path) -> None:
        stages: Mapping[str, Any] = {}
        if path.is_file():
            stages = yaml.safe_load(path.read_text(encoding="utf-8")).get("stages") or {}
        self._outs = {
            str(out["path"]): Origin(str(out["path"]), str(stage["cmd"]), str(out.get("md5", "")))
            for stage in stages.values()
            for out in stage.get("outs", [])
        }

    def origin(self, path: str, command: str) -> Origin:
        """Where `path`, or the recorded folder around it, comes from; else made by `command`."""
        around = [path, *map(str, PurePosixPath(path).parents)]
        known = [self._outs[name] for name in around if name in self._outs]
        return known[0] if known else Origin(path, command)
