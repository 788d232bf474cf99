"""Whether what is written behind a command is of the type of what stands there without it."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.pipelines.limit import kind_of, word
from facsimile.pipelines.limits import LIMITS
from facsimile.pipelines.matching import found

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig

OPTIONAL = (
    *("init", "renew", "detect_restored.reference"),
    *("evaluation.second_embedder", "evaluation.dense_detector"),
)


def check_types(cfg: DictConfig, overrides: Sequence[str]) -> None:
    """Refuse an override that is of another type than what stands there without it.

    Raises:
        UserError: names the override and what stands there otherwise.
    """
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.override_parser.overrides_parser import OverridesParser

    parsed = OverridesParser.create().parse_overrides(list(overrides))
    groups = [override for override in parsed if _is_group(override)]
    values = [o for o in parsed if o not in groups and not o.is_delete() and not _is_limited(o)]
    if not values:
        return
    sources = GlobalHydra.instance().config_loader().get_sources()
    usual = _usual(tuple(str(o.input_line) for o in groups), tuple(one.path for one in sources))
    for override in values:
        _check_type(override, usual, cfg)


@cache
def _usual(groups: tuple[str, ...], _places: tuple[str, ...]) -> DictConfig:
    """What is composed of choices alone: the jobs of a sweep have them in common."""
    from hydra import compose

    return compose("config", [*groups])


def _is_group(override: Override) -> bool:
    from hydra.core.global_hydra import GlobalHydra

    return bool(GlobalHydra.instance().config_loader().get_group_options(override.key_or_group))


def _is_limited(override: Override) -> bool:
    """Whether its value is checked by its limits."""
    return any(fnmatchcase(override.key_or_group, pattern) for pattern in LIMITS)


def _check_type(override: Override, usual: DictConfig, cfg: DictConfig) -> None:
    key = override.key_or_group
    before, now = (next((v for _, v in found(c, key)), None) for c in (usual, cfg))
    wanted, given = kind_of(before), kind_of(now)
    # a callback may be left out, but for the one that holds the curves; a name may be a number
    optional = key in OPTIONAL or key.startswith("callbacks.")
    left_out = now is None and optional and key != "callbacks.history"
    if before is None or left_out or given in (wanted, "a number" if wanted == "a word" else ""):
        return
    example = f" like {word(before)}" if wanted in ("a word", "a number", "a list") else ""
    raise UserError(f"{override.input_line}: give {wanted}{example}")
