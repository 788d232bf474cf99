"""Rerun an MLflow run (run=ID) from its commit, data and settings; compare every metric."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import yaml

from facsimile.errors import UserError
from facsimile.media.files import atomic_path
from facsimile.pipelines.machine import machine_differences
from facsimile.pipelines.origin import (
    DIRTY,
    LOCK,
    OVERRIDES,
    REVISION,
    is_of_this_machine,
    section_of,
)
from facsimile.pipelines.rerun import Rerun
from facsimile.pipelines.rerun_data import give_data
from facsimile.pipelines.rerun_outcome import Outcome, compare, outcome_table
from facsimile.pipelines.rerun_source import checked_out, environment_differences
from facsimile.pipelines.show_table import show_table
from facsimile.pipelines.sweep import tracker
from facsimile.pipelines.work_folder import work_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.tracking.recorded import Recorded

REPORT = "reproduce.json"
EVALUATE = "evaluate"
SHOWN = 5  # differences of a kind that are told


def run(cfg: DictConfig) -> None:
    """Train and measure again in a working tree of the run's commit; write reproduce.json.

    Raises:
        SystemExit: 1 if a metric came out otherwise.
        UserError: The run cannot be rerun: it is not there or not finished, its commit or data
            are not to be had, or its settings are not those that its commit composes.
    """
    from facsimile.tracking.recorded import recorded

    if cfg.run is None:
        raise UserError("say which: facsimile reproduce run=ID, the id of a run in MLflow")
    run = recorded(tracker(cfg), str(cfg.run))
    root, folder = Path(cfg.paths.root).resolve(), _folder(cfg)
    notes = [*_doubts(run, root)]
    if notes and not cfg.force:
        raise UserError(f"run={run.run_id} {'; '.join(notes)}. To try it all the same: force=true")
    notes += machine_differences(run.tags)
    with work_folder(folder), TemporaryDirectory(dir=folder, prefix=".rerun-") as temporary:
        outcome = _outcome(run, root, Path(temporary).resolve(), notes)
    _tell(outcome, folder)
    if not outcome.identical:
        raise SystemExit(1)


def _folder(cfg: DictConfig) -> Path:
    usual = Path(cfg.paths.work, f"reproduce-{str(cfg.run)[:12]}")
    folder = usual if cfg.output is None else Path(cfg.output)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _doubts(run: Recorded, root: Path) -> Iterator[str]:
    """Why it may come out otherwise; what makes a rerun impossible is raised.

    Raises:
        UserError: The run is not finished or does not say what it was made of.
    """
    if run.status != "FINISHED":
        raise UserError(f"run={run.run_id} is {run.status}: only finished runs are rerun")
    if not re.fullmatch(r"[0-9a-f]{40}", run.tags.get(REVISION, "")):
        raise UserError(f"run={run.run_id} does not say of which commit it is (tag {REVISION})")
    if OVERRIDES not in run.tags:
        raise UserError(f"run={run.run_id} does not say what was chosen (tag {OVERRIDES})")
    if run.tags.get(DIRTY) != "False":
        yield "was made of code that was not committed"
    differences = environment_differences(root, run.tags[REVISION], run.tags.get(LOCK, ""))
    if differences:
        more = f" and {len(differences) - SHOWN} more" if len(differences) > SHOWN else ""
        yield f"was made with other packages: {', '.join(differences[:SHOWN])}{more}"


def _outcome(run: Recorded, root: Path, temporary: Path, notes: list[str]) -> Outcome:
    with checked_out(root, run.tags[REVISION], temporary / "source") as source:
        rerun = Rerun(source, root, temporary, [*_chosen(run), _evaluate(run)], run.tags)
        _check_config(run, rerun)
        print(f"the settings are those of commit {run.tags[REVISION][:10]}")
        print(give_data(root, source, run.tags))
        rerun.train()
        return compare(run, rerun.recorded(), notes)


def _chosen(run: Recorded) -> list[str]:
    """The overrides of a run, which may come from somebody else's server."""
    chosen = json.loads(run.tags[OVERRIDES])
    texts = isinstance(chosen, list) and all(isinstance(one, str) for one in chosen)
    if not texts or any(one.startswith("-") or is_of_this_machine(one) for one in chosen):
        raise UserError(f"run={run.run_id}: its tag {OVERRIDES} holds more than settings: {chosen}")
    return [one for one in chosen if section_of(one) != EVALUATE]


def _evaluate(run: Recorded) -> str:
    """Measure again what was measured, be it in a stage of its own."""
    measured = any(key.startswith("test/") for key in run.metrics)
    return f"{EVALUATE}={str(measured).lower()}"


def _check_config(run: Recorded, rerun: Rerun) -> None:
    """Nothing is built that a stranger wrote: the commit's own files have to compose the same."""
    composed, logged = yaml.safe_load(rerun.config()), yaml.safe_load(run.config)
    if composed != logged:
        keys = {*composed, *logged} if isinstance(logged, dict) else {"all of it"}
        other = sorted(key for key in keys if composed.get(key) != (logged or {}).get(key))
        raise UserError(
            f"run={run.run_id}: its commit and overrides do not compose the settings it was "
            f"logged with; {', '.join(other)} differ: it cannot be rerun"
        )


def _tell(outcome: Outcome, folder: Path) -> None:
    with atomic_path(folder / REPORT) as path:
        text = json.dumps(asdict(outcome), indent=2, ensure_ascii=False)
        path.write_text(f"{text}\n", encoding="utf-8")
    show_table(outcome_table(outcome))
    print(f"{'identical' if outcome.identical else 'NOT identical'}: {folder / REPORT}")
