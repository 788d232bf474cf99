"""What the jobs of a sweep share: its folder, their environment, and the parent of their runs."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import ChoiceSweep, Override
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from facsimile.cores import CORES
from facsimile.errors import UserError
from facsimile.pipelines.share import THREADS, cores_of_a_job, jobs_at_once

PARENT_VARIABLE = "FACSIMILE_PARENT_RUN"
# beside FACSIMILE_*: what other machines have to know
HANDED_ON = ("MLFLOW_TRACKING_URI", "NO_ALBUMENTATIONS_UPDATE", "HYDRA_FULL_ERROR")
FILES = (".mp4", ".json")  # what render and verify are told to write


class Shares(Callback):
    """Prepare what the jobs of a sweep share.

    Jobs may run in other processes, also on other machines: what they must know goes into the
    configuration that they are composed of. Hydra makes mere warnings of what a callback raises, so
    nothing is checked here.
    """

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Hand on each job's share of the machine."""
        hand_on(config, share_machine(config.hydra.launcher))
        HydraConfig.instance().set_config(config)  # behind the sweep it tells where that was


def parent_run() -> str | None:
    """The parent of this job's run, when a sweep launched it."""
    return os.environ.get(PARENT_VARIABLE)


def share_machine(launcher: DictConfig) -> dict[str, str]:
    """Cap the jobs at a time; returns the environment that keeps each to its share."""
    if "n_jobs" in launcher:
        launcher.n_jobs = jobs_at_once(launcher)
    cores = cores_of_a_job(launcher)
    if cores is None:
        return {}
    if "n_jobs" in launcher:
        print(f"jobs at a time: {launcher.n_jobs}, cores of each: {cores}")
    return {THREADS: str(cores), CORES: str(cores)}


def hand_on(config: DictConfig, told: dict[str, str]) -> None:
    """Put variables into the environment of every job, wherever it runs.

    With those that decide what a configuration means; no address with a password in it, which
    would stand in the sweep's files.
    """
    ours = {k: v for k, v in os.environ.items() if k.startswith("FACSIMILE_") or k in HANDED_ON}
    told = {k: v for k, v in ours.items() if "@" not in v} | told
    with read_write(config.hydra), open_dict(config.hydra):
        config.hydra.overrides.hydra += [
            f"++hydra.job.env_set.{key}={quoted(value)}" for key, value in told.items()
        ]


def quoted(text: str) -> str:
    r"""A text as Hydra's grammar takes it.

    >>> print(quoted('a "b", c'))
    "a \"b\", c"
    """
    ends = text + "\\" if text.endswith("\\") else text
    return '"' + ends.replace('"', '\\"') + '"'


def tracker(cfg: DictConfig) -> Any:
    """The configured MLflow store."""
    from facsimile.tracking import Tracker

    chosen = cfg.logger.mlflow
    return Tracker(
        chosen.tracking_uri, chosen.experiment_name, Path(cfg.paths.work, "mlflow"),
        chosen.artifact_location, refuse=chosen.when_away == "refuse",
    )  # fmt: skip


def sweep_folder(output: str | None, root: str, time: str, study: str | None = None) -> str:
    """The folder of a sweep: `output=`, else multirun/ below the root or beside an output file.

    There it is named by the study, if that has a name, and by the time otherwise.

    >>> sweep_folder("/tmp/sw", ".", "noon"), sweep_folder("out/a.mp4", ".", "noon")
    ('/tmp/sw', 'out/multirun/noon')
    >>> sweep_folder(None, ".", "noon", "rates")
    'multirun/rates'
    """
    name = str(study or time)
    if output is None:
        return str(Path(root) / "multirun" / name)
    path = Path(str(output))  # YAML may have read a number
    return str(path.parent / "multirun" / name if path.suffix in FILES else path)


def check_files(overrides: Sequence[Override]) -> None:
    """Refuse a sweep whose jobs would write one file, each over the one before.

    Raises:
        UserError: the name of a file does not hold all that the jobs differ in.
    """
    swept = {one.key_or_group for one in overrides if one.is_sweep_override()}
    for override in overrides:
        names, others = _files(override), sorted(swept - {override.key_or_group})
        same = [key for key in others if not all(_tells(name, key) for name in names)]
        if names and (same or len({*names}) < len(names)):
            parts = "-".join(f"${{{key}}}" for key in others) or "${hydra:job.num}"
            raise UserError(
                f"{override.key_or_group}={names[0]}: all jobs of the sweep would write that one "
                f"file; put what they differ in into its name, as '{_marked(names[0], parts)}', "
                "or their numbers: ${hydra:job.num}"
            )


def _files(override: Override) -> list[str]:
    """The files that an override names for results."""
    if override.key_or_group not in ("output", "render.preview"):
        return []
    value = override.value()
    given = value.list if isinstance(value, ChoiceSweep) else [value]
    names = [str(getattr(one, "text", one)) for one in given]
    return names if any(Path(name).suffix in (*FILES, ".png") for name in names) else []


def _tells(name: str, key: str) -> bool:
    return f"${{{key}}}" in name or f"choices.{key}}}" in name or "${hydra:job." in name


def _marked(name: str, parts: str) -> str:
    path = Path(name)
    return str(path.with_name(f"{path.stem}-{parts}{path.suffix}"))


# Hydra imports this module for its callback, before it asks for the folder
OmegaConf.register_new_resolver("sweep_folder", sweep_folder)
