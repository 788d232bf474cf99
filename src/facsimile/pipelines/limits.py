"""Ranges of the numbers that users set, checked before any work starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from facsimile.errors import UserError

if TYPE_CHECKING:
    from omegaconf import DictConfig


class Limit(NamedTuple):
    """A closed range and the type that a configured number must have."""

    kind: type
    low: float
    high: float


LIMITS = {
    "seed": Limit(int, 0, 2**32 - 1),
    "trainer.max_steps": Limit(int, 1, 10**9),
    "params.extract.image_size": Limit(int, 16, 2048),
    "params.extract.coverage": Limit(float, 0.5, 5.0),
    "params.extract.max_side": Limit(int, 32, 16384),
    "detector.score_threshold": Limit(float, 0.0, 1.0),
    "task.data_module.batch_size": Limit(int, 1, 65536),
    "task.data_module.workers": Limit(int, 0, 1024),
}


def check_limits(cfg: DictConfig) -> None:
    """Refuse an impossible value.

    Raises:
        UserError: a configured number has the wrong type or lies outside its range.
    """
    from omegaconf import OmegaConf

    for key, limit in LIMITS.items():
        value = OmegaConf.select(cfg, key)
        if value is not None:
            _check(key, value, limit)


def check_types(cfg: DictConfig, overrides: Sequence[str]) -> None:
    """Refuse a word where the configuration has a number or a truth value.

    Raises:
        UserError: names the override and what stands there otherwise.
    """
    from hydra import compose
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from omegaconf import OmegaConf

    parsed = OverridesParser.create().parse_overrides(list(overrides))
    plain = [override for override in parsed if "." in override.key_or_group]
    groups = [str(override.input_line) for override in parsed if override not in plain]
    usual = compose("config", groups) if plain else cfg
    for override in plain:
        key = override.key_or_group
        before, now = OmegaConf.select(usual, key), OmegaConf.select(cfg, key)
        if isinstance(before, int | float) and isinstance(now, str):
            raise UserError(f"{override.input_line}: {key} takes a value like {before}, not a word")


def _check(key: str, value: object, limit: Limit) -> None:
    allowed = (int, float) if limit.kind is float else int
    if isinstance(value, bool) or not isinstance(value, allowed):
        raise UserError(f"{key}={value} is not {_article(limit.kind)}")
    if not limit.low <= value <= limit.high:
        raise UserError(f"{key}={value} is out of range: {limit.low:g} to {limit.high:g}")


def _article(kind: type) -> str:
    return "a whole number" if kind is int else "a number"
