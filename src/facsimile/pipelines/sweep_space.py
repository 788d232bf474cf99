"""The values that a search may try, from Hydra's override grammar to Optuna's distributions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.media.files import atomic_path

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig
    from optuna.distributions import BaseDistribution


def search_space(
    overrides: list[Override],
) -> tuple[dict[str, BaseDistribution], list[str]]:
    """Return what is searched, and the overrides that are the same for every trial.

    `a,b` and `choice(…)` are categories, `range(a,b)` and `int(interval(a,b))` whole numbers (the
    end of a range belongs to it no more, that of an interval does), `interval(a,b)` numbers, and
    `tag(log,…)` draws either by its logarithm. A later override of a key replaces an earlier one.

    Raises:
        UserError: a range is empty, or one by its logarithm has no positive start.
    """
    last = {one.get_key_element(): one for one in overrides}
    space = {key: _distribution(one) for key, one in last.items() if one.is_sweep_override()}
    fixed = [str(one.input_line) for key, one in last.items() if key not in space]
    return space, fixed


def as_overrides(params: Mapping[str, Any]) -> list[str]:
    """A trial's values as overrides, numbers with six digits: more would only be in the way.

    >>> as_overrides({"optimizer.lr": 1.23456789e-05, "model": "unet", "seed": 3})
    ['optimizer.lr=1.23457e-05', 'model=unet', 'seed=3']
    """
    return [
        f"{key}={value:.6g}" if isinstance(value, float) else f"{key}={value}"
        for key, value in params.items()
    ]


def write_sweep(config: DictConfig, folder: Path) -> None:
    """Leave in the sweep's folder what it was started with."""
    import yaml
    from omegaconf import OmegaConf

    given = OmegaConf.to_container(config.hydra.overrides.task)
    with atomic_path(folder / "multirun.yaml") as path:
        path.write_text(yaml.safe_dump({"overrides": given}), encoding="utf-8")


def _distribution(override: Override) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution

    try:
        if override.is_choice_sweep():
            return CategoricalDistribution(list(override.sweep_string_iterator()))
        return _numbers(override.value())
    except ValueError as error:
        raise UserError(f"{override.input_line}: {error}") from error


def _numbers(sweep: Any) -> BaseDistribution:
    from hydra.core.override_parser.types import RangeSweep
    from optuna.distributions import FloatDistribution, IntDistribution

    log = "log" in sweep.tags
    if isinstance(sweep, RangeSweep):
        values = list(sweep.range())
        if not values:
            raise ValueError("the range is empty")
        low, high, step = values[0], values[-1], None if log else sweep.step
    else:
        low, high, step = sweep.start, sweep.end, None
    if isinstance(low, int) and isinstance(high, int):
        return IntDistribution(low, high, log, step=int(step or 1))
    return FloatDistribution(float(low), float(high), log, step=step)
