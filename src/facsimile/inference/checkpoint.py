"""A trained net read back from its file, without running what a stranger put into it."""

import importlib
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from facsimile.errors import UserError

_ALLOWED = "facsimile.models."
_DESCRIBED = {"net": dict, "task": str}


def load_net(path: Path, task: str | None = None) -> tuple[nn.Module, dict[str, Any]]:
    """Rebuild the net of a checkpoint, ready for inference.

    Args:
        path: What `facsimile train` wrote: tensors below `state_dict` (`net.*`, averaged weights
            in place) and the description below `facsimile`.
        task: That it has to be of: swap, enhancement or detection; None for any.

    Returns:
        The net in evaluation mode on the CPU, and the description: `net` (with its `_target_`),
        `task`, `version`, and for swaps `subjects`.

    Raises:
        UserError: The file is missing, no such checkpoint, lacks a part of the description,
            names a class outside facsimile.models, is of another task, or is only for others to
            start from.
    """
    weights, meta = load_weights(path)
    if task not in (None, meta["task"]):
        raise UserError(f"{path} is a checkpoint of task {meta['task']}: give one of task {task}")
    if meta.get("pretrain"):
        raise UserError(
            f"{path} was pretrained on many people's faces and gives nobody's: train a pair from "
            f"it first, facsimile train experiment=NAME init={path}"
        )
    net = _build(dict(meta["net"]), path)
    try:
        net.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(f"{path}: its weights do not fit its own net: {error}") from error
    return net.eval(), meta


def load_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read the weights of a checkpoint's net, averaged ones in place, and the description.

    Raises:
        UserError: The file is missing, no such checkpoint, or lacks a part of the description.
    """
    stored = _read(path)
    # copies, since the file that is mapped may change
    weights = {k[4:]: v.clone() for k, v in stored["state_dict"].items() if k.startswith("net.")}
    return weights, dict(stored["facsimile"])


def training_data(meta: Mapping[str, Any]) -> list[str]:
    """Ids of the data that a described net learned from, those of what it started from too.

    >>> training_data({"data": "mine", "subjects": {"src": "ann", "dst": "bob"}})
    ['mine/ann', 'mine/bob']
    """
    if meta.get("training_data"):
        return list(meta["training_data"])
    people = (meta.get("subjects") or {}).values()
    return [f"{meta.get('data')}/{who}" for who in people] or [str(meta.get("data"))]


def grounds(meta: Mapping[str, Any]) -> str | None:
    """On what ground the people in that data are shown, as far as it is described.

    >>> grounds({"consent": "they agreed", "init": {"consent": "public domain"}})
    'they agreed; public domain'
    """
    earlier = (meta.get("init") or {}).get("consent")
    stated = [one for both in (meta.get("consent"), earlier) if both for one in both.split("; ")]
    return "; ".join(dict.fromkeys(stated)) or None


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UserError(f"no checkpoint at {path}: train one (facsimile train experiment=NAME)")
    try:
        # mapped: the optimizer's state, twice the size of the weights, is never read
        stored = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
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
