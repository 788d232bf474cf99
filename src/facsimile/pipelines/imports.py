"""Which of our modules a module runs through, read from the sources without importing them."""

import ast
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2]
# run by every command, or deciding no figure: a change in them makes nothing stale, even where
# pictures would be signed with other words
COMMON = (
    *("cli", "composing", "explain", "imports", "limit", "limits", "machine", "mask_choice"),
    *("matching", "override_types", "overrides", "places", "pruning"),
    *("finished", "job_lock", "jobs", "memory_turn", "model_card", "net_signing", "objectives"),
    *("origin", "ranks", "record", "resolve", "share", "study_storage", "sweep", "sweep_summary"),
    *("required", "tracked_model", "training_progress", "trial", "version"),
)
PLUMBING = {
    *("facsimile", "facsimile.cores", "facsimile.errors", "facsimile.threads"),
    *("facsimile.tracking", "facsimile.pipelines"),
    *(f"facsimile.pipelines.{name}" for name in COMMON),
}


def sources(entries: Iterable[str], without: Collection[str] = ()) -> list[Path]:
    """Return the files of modules and of all that these import, sorted, without `__init__`."""
    found = (module_path(name) for name in closure(entries, without))
    return sorted(path for path in found if path.name != "__init__.py")


def closure(entries: Iterable[str], without: Collection[str] = ()) -> set[str]:
    """Return modules with all of ours that they import, but for plumbing and `without`.

    >>> sorted(closure(["facsimile.losses.masked"]))
    ['facsimile.losses.channels', 'facsimile.losses.masked']
    """
    seen: set[str] = set()
    waiting = list(entries)
    while waiting:
        module = waiting.pop()
        if module not in seen and module not in PLUMBING and module not in without:
            seen.add(module)
            waiting.extend(_imports(module))
    return seen


def module_path(name: str) -> Path:
    """Return the file of one of our modules or packages, whether or not it is there."""
    path = SOURCE.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def targets(node: Any) -> Iterator[str]:
    """Yield our classes that plain values of a configuration name.

    >>> list(targets({"a": [{"_target_": "facsimile.models.r2unet.R2UNet"}, 1]}))
    ['facsimile.models.r2unet.R2UNet']
    """
    if isinstance(node, dict):
        if str(node.get("_target_")).startswith("facsimile."):
            yield node["_target_"]
        node = list(node.values())
    for value in node if isinstance(node, list) else ():
        yield from targets(value)


def _imports(name: str) -> Iterator[str]:
    """Our modules that a module imports, wherever in the file."""
    for node in ast.walk(ast.parse(module_path(name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("facsimile"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("facsimile"):
            yield str(node.module)
            members = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (member for member in members if module_path(member).is_file())
