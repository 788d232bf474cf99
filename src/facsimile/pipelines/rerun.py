"""A training of another commit, by that commit's code, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.pipelines.machine import THREADS
from facsimile.tracking.delivery import CURVES

if TYPE_CHECKING:
    from facsimile.tracking.recorded import Recorded

ENTRY = "import sys; from facsimile.pipelines.cli import console; sys.exit(console())"
# they would lead the other process to this one's places and runs
LEFT_OUT = ("FACSIMILE_ROOT", "FACSIMILE_PARENT_RUN", "FACSIMILE_COMMAND", "PYTHONHOME")


class Rerun:
    """Commands of another commit.

    Args:
        source: Its working tree.
        root: The project, whose conf/local holds what this machine adds.
        folder: Where results and their MLflow database go.
        overrides: Of the run, and `evaluate`.
        tags: Of the run: as many threads as it had, and its curves as they were logged.
    """

    def __init__(
        self, source: Path, root: Path, folder: Path, overrides: Sequence[str],
        tags: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.source, self.folder, self.overrides = source, folder, overrides
        kept = {k: v for k, v in os.environ.items() if k not in LEFT_OUT and "MLFLOW" not in k}
        threads = {"OMP_NUM_THREADS": tags[THREADS]} if THREADS in tags else {}
        places = {"PYTHONPATH": str(source / "src"), "FACSIMILE_LOCAL": str(root / "conf/local")}
        self.environment = kept | threads | places
        self.store = f"sqlite:///{folder / 'mlflow.db'}"
        self.curves_of_table = CURVES in tags
        _link_files(root, source, overrides)

    def config(self) -> str:
        """The configuration that the commit composes, as `resolve` writes it."""
        output = self.folder / "resolved"
        self._facsimile("resolve", f"output={output}")
        return (output / "config.yaml").read_text(encoding="utf-8")

    def train(self) -> None:
        """Train and measure."""
        store = f"logger.mlflow.tracking_uri={self.store}"
        self._facsimile("train", f"output={self.folder / 'result'}", store)

    def recorded(self) -> Recorded:
        """What the training logged."""
        from facsimile.tracking import Tracker
        from facsimile.tracking.recorded import recorded, with_curves

        here = Path.cwd()
        os.chdir(self.source)  # its artifacts lie below the folder it ran in
        try:
            runs = Tracker(self.store)
            [run] = runs.client.search_runs([runs.experiment_id])
            again = recorded(runs, str(run.info.run_id))
            table = self.folder / "result/train/curves.csv"
            return with_curves(again, table) if self.curves_of_table else again
        finally:
            os.chdir(here)

    def _facsimile(self, command: str, *more: str) -> None:
        arguments = [sys.executable, "-c", ENTRY, command, *self.overrides, *more]
        done = subprocess.run(arguments, cwd=self.source, env=self.environment, check=False)
        if done.returncode:
            raise UserError(
                f"`facsimile {command} {' '.join(self.overrides)}` failed in the run's commit, "
                f"with exit code {done.returncode}: see above"
            )


def _link_files(root: Path, source: Path, overrides: Sequence[str]) -> None:
    """Files that the overrides name and git does not have, as the checkpoint of `init=`."""
    for value in (one.partition("=")[2].strip("'\"") for one in overrides):
        given, here = root / value, source / value
        inside = value and given.is_file() and here.resolve().is_relative_to(source)
        if inside and not here.exists():
            here.parent.mkdir(parents=True, exist_ok=True)
            here.symlink_to(given.resolve())
