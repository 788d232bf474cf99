"""The sweepers, where Hydra looks for them: it takes none that is defined elsewhere.

Hydra imports this module for every command, so what it needs for a sweep is imported by then.
"""

from typing import Any

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class _Prepared(Sweeper):
    """A sweeper with the launcher that the configuration names."""

    def __init__(self, **_: Any) -> None:
        self.config: DictConfig | None = None
        self.launcher: Launcher | None = None
        self.hydra_context: HydraContext | None = None

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Take what Hydra gives."""
        self.config, self.hydra_context = config, hydra_context
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def compose(self, overrides: list[str]) -> DictConfig:
        """What a job of these overrides is configured with.

        Raises:
            HydraException: They cannot be composed.
        """
        assert self.hydra_context is not None and self.config is not None
        loader = self.hydra_context.config_loader
        return loader.load_sweep_config(self.config, list(overrides))


class GridSweeper(_Prepared):
    """Every combination of the values that are given."""

    def sweep(self, arguments: list[str]) -> None:
        """Do the jobs."""
        from facsimile.pipelines.sweep_grid import sweep

        sweep(self, arguments)


class OptunaSweeper(_Prepared):
    """Trials of an Optuna study."""

    def sweep(self, arguments: list[str]) -> None:
        """Do the trials."""
        from facsimile.pipelines.sweep_optuna import sweep

        sweep(self, arguments)
