"""The packages of the detectors and embedders that not everybody needs."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from facsimile.errors import UserError


def package(name: str) -> ModuleType:
    """Import an optional package.

    Raises:
        UserError: It is not installed, or cannot be loaded here.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise UserError(_advice(name, str(error))) from error


def folder(name: str) -> Path:
    """Where the files of an optional package lie; the package itself is not run.

    Raises:
        UserError: It is not installed.
    """
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(_advice(name, "not installed"))
    return Path(spec.submodule_search_locations[0])


def _advice(name: str, reason: str) -> str:
    return (
        f"the package {name} is missing ({reason}): run `make detectors`, or choose another "
        "detector or embedder, as detector=yunet embedder=sface"
    )
