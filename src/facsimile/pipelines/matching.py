"""The keys of a configuration that a pattern matches."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any


def found(node: Any, pattern: str, above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield them with their plain values; `*` stands for any key or place of a list."""
    from omegaconf import DictConfig, ListConfig, OmegaConf

    head, _, rest = pattern.partition(".")
    names = range(len(node)) if isinstance(node, ListConfig) else node
    for name in names if isinstance(node, DictConfig | ListConfig) else ():
        if not fnmatchcase(str(name), head):
            continue
        value = node[name]
        if rest:
            yield from found(value, rest, f"{above}{name}.")
        else:
            is_node = OmegaConf.is_config(value)
            yield f"{above}{name}", OmegaConf.to_container(value) if is_node else value
