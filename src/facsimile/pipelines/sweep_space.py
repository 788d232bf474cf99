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

Space = Mapping[str, "BaseDistribution"]


def recipe_ranges(space: Mapping[str, Any]) -> list[str]:
    """The ranges of a recipe (`sweep.space`) as overrides.

    >>> recipe_ranges({"model.width": "4,8"})
    ['model.width=4,8']

    Raises:
        UserError: one is no text in the override grammar, as a YAML list.
    """
    for key, text in space.items():
        if not isinstance(text, str):
            raise UserError(
                f"sweep.space: give {key} its range as a text, as {key}: choice(4,8) or "
                f"interval(0,1), not {text}"
            )
    return [f"{key}={text}" for key, text in space.items()]


def search_space(overrides: list[Override]) -> tuple[dict[str, BaseDistribution], list[str]]:
    """Return what is searched, and the overrides that are the same for every trial.

    `a,b` and `choice(…)` are categories, `range(a,b)` and `int(interval(a,b))` whole numbers (the
    end of a range belongs to it no more, that of an interval does), `interval(a,b)` numbers, and
    `tag(log,…)` draws either by its logarithm. A later override of a key replaces an earlier one.

    Raises:
        UserError: a range is empty or falls, or one by its logarithm has steps or no positive
            start.
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


def samples(space: Space) -> list[list[str]]:
    """As few trials as have every category in one of them, and of every range its beginning."""
    values = {key: getattr(one, "choices", None) or (one.low,) for key, one in space.items()}  # type: ignore[attr-defined]
    count = max(map(len, values.values()))
    return [
        as_overrides({key: these[number % len(these)] for key, these in values.items()})
        for number in range(count)
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
            # a value given twice is one category
            return CategoricalDistribution(list(dict.fromkeys(override.sweep_string_iterator())))
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
        if log:
            raise ValueError("a range has steps, which a logarithm has not: give an interval")
        low, high, step = values[0], values[-1], sweep.step
    else:
        low, high, step = sweep.start, sweep.end, None
    if low > high:
        raise ValueError(f"give the lower end first: it goes from {low} to {high}")
    if isinstance(low, int) and isinstance(high, int):
        return IntDistribution(low, high, log, step=int(step or 1))
    return FloatDistribution(float(low), float(high), log, step=step)
