"""A trained net read back from its file, without running what a stranger put into it."""

import importlib
import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn

from facsimile.errors import UserError

_ALLOWED = "facsimile.models."
_DESCRIBED = {"net": dict, "task": str}


def load_net(path: Path) -> tuple[nn.Module, dict[str, Any]]:
    """Rebuild the net of a checkpoint, ready for inference.

    Args:
        path: What `facsimile train` wrote: tensors below `state_dict` (`net.*`, averaged weights
            in place) and the description below `facsimile`.

    Returns:
        The net in evaluation mode on the CPU, and the description: `net` (with its `_target_`),
        `task`, `version`, and for swaps `subjects`.

    Raises:
        UserError: The file is missing, no such checkpoint, lacks a part of the description, or
            names a class outside facsimile.models.
    """
    stored = _read(path)
    meta = dict(stored["facsimile"])
    net = _build(dict(meta["net"]), path)
    weights = {k[4:]: v for k, v in stored["state_dict"].items() if k.startswith("net.")}
    try:
        net.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(f"{path}: its weights do not fit its own net: {error}") from error
    return net.eval(), meta


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UserError(f"no checkpoint at {path}: train one (facsimile train experiment=NAME)")
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        # torch's own text advises to switch its protection off
        raise UserError(
            f"{path} is not a checkpoint that is safe to read: it is damaged, or holds more than "
            "tensors and plain values"
        ) from error
    if not (isinstance(stored, dict) and {"facsimile", "state_dict"} <= stored.keys()):
        raise UserError(f"{path} is not a checkpoint of facsimile: give one that its train wrote")
    _check_description(stored["facsimile"], path)
    return stored


def _check_description(meta: Any, path: Path) -> None:
    known = meta if isinstance(meta, dict) else {}
    missing = [key for key, kind in _DESCRIBED.items() if not isinstance(known.get(key), kind)]
    if missing:
        raise UserError(f"{path} does not say its {', '.join(missing)}: train it again")


def _build(description: dict[str, Any], path: Path) -> nn.Module:
    """Call the named class with its arguments, if it is one of ours."""
    target = str(description.pop("_target_", ""))
    module, _, name = target.rpartition(".")
    if not module.startswith(_ALLOWED):
        raise UserError(f"{path} asks for {target!r}: only classes of {_ALLOWED}* are loaded")
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise UserError(f"{path} needs {target}, which this version does not have") from error
    if not (isinstance(kind, type) and issubclass(kind, nn.Module)):
        raise UserError(f"{path} asks for {target!r}, which is no net")
    try:
        return kind(**description)
    except (TypeError, ValueError) as error:
        raise UserError(f"{path} does not fit this version's {target}: {error}") from error
