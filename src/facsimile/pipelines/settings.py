"""Settings that a chosen component does not take: refused before anything is built."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from facsimile.errors import UserError


def check_settings(node: Any, key: str = "") -> None:
    """Compare the keys of every component in plain sections with what its `_target_` takes.

    Raises:
        UserError: Names the key, the component and what that takes.
    """
    for place, component in _components(node, key):
        taken = _taken(component["_target_"])
        unknown = [k for k in component if not k.startswith("_") and k not in taken]
        if taken and unknown:
            name = component["_target_"].rpartition(".")[2]
            raise UserError(
                f"{place}.{unknown[0]}: {name} takes no {unknown[0]}, only {', '.join(taken)}; "
                f"leave it out with ~{place}.{unknown[0]}"
            )


def _components(node: Any, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What is to be built of plain values, each with its place."""
    if isinstance(node, dict) and "_target_" in node:
        yield key, node
    below = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in below:
        if isinstance(value, dict | list):
            yield from _components(value, f"{key}.{name}" if key else str(name))


def _taken(target: str) -> list[str]:
    """The names that a class or function takes; none where it takes any, or is not to be found.

    >>> _taken("torch.optim.lr_scheduler.ConstantLR")
    ['optimizer', 'factor', 'total_iters', 'last_epoch']
    """
    from hydra.utils import get_object

    try:
        found = get_object(target)
        classes = map(vars, inspect.getmro(found)) if isinstance(found, type) else ()
        chain = [own["__init__"] for own in classes if "__init__" in own]
        return _names(chain or [found])
    except (ImportError, ValueError):  # what builds it says more about either
        return []


def _names(chain: list[Callable[..., Any]]) -> list[str]:
    """The parameters of a function, and of the next one as long as the rest is passed on."""
    names: list[str] = []
    for function in chain:
        parameters = inspect.signature(function).parameters.values()
        variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        names += [p.name for p in parameters if p.kind not in variable and p.name != "self"]
        if all(p.kind != inspect.Parameter.VAR_KEYWORD for p in parameters):
            return list(dict.fromkeys(names))
    return []
