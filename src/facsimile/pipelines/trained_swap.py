"""A swap checkpoint brought in from the configuration, and whom it knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.faces.align import FaceType, field_of_view
from facsimile.pipelines.limit import word
from facsimile.pipelines.places import checkpoint_of
from facsimile.pipelines.resolve import recipe_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import nn

    from facsimile.inference.swap import Identity

NEEDED = ("subjects", "coverage")


@dataclass(frozen=True)
class TrainedSwap:
    """The net of a swap checkpoint and what the checkpoint says of itself."""

    path: Path
    net: nn.Module
    meta: dict[str, Any]

    @property
    def subjects(self) -> dict[str, str]:
        """The pair's names below `src` and `dst`."""
        return dict(self.meta["subjects"])

    @property
    def coverage(self) -> float | FaceType:
        """Field of view of the crops that the net was trained on."""
        return field_of_view(self.meta["coverage"])

    def direction(self, identity: Identity) -> str:
        """Name the swap that brings this identity: franck_to_cap."""
        src, dst = self.subjects["src"], self.subjects["dst"]
        return f"{src}_to_{dst}" if identity == "src" else f"{dst}_to_{src}"


def load_swap(cfg: DictConfig) -> TrainedSwap:
    """Load `checkpoint=`, or the recipe's.

    Raises:
        UserError: Neither is given, it cannot be loaded, it is no swap, or does not say of whom
            or of what field of view.
    """
    from facsimile.inference.checkpoint import load_net

    folder = recipe_folder(cfg) if cfg.input is None and cfg.output is not None else None
    path = checkpoint_of(cfg, folder)
    net, meta = load_net(path, "swap")
    return trained_swap(path, net, meta)


def trained_swap(path: Path, net: nn.Module, meta: dict[str, Any]) -> TrainedSwap:
    """What was loaded of a swap checkpoint, if it says all that is needed.

    Raises:
        UserError: It does not say of whom or of what field of view it is.
    """
    if missing := [key for key in NEEDED if not meta.get(key)]:
        raise UserError(f"{path} does not say its {' and '.join(missing)}: train it again")
    return TrainedSwap(path, net, meta)


def identity_of(direction: str | None, subjects: dict[str, str], key: str) -> Identity:
    """Whose face a direction brings: `src` for A_to_B, `dst` for B_to_A.

    Args:
        direction: In letters, or in the pair's names: franck_to_cap.
        subjects: The pair's names below `src` and `dst`.
        key: Where the direction was given, for the message.

    Raises:
        UserError: The direction is none of the checkpoint's.
    """
    src, dst = subjects["src"], subjects["dst"]
    if direction in ("A_to_B", f"{src}_to_{dst}"):
        return "src"
    if direction in ("B_to_A", f"{dst}_to_{src}"):
        return "dst"
    known = f"{src}_to_{dst} (A_to_B) or {dst}_to_{src} (B_to_A)"
    if direction is None:
        raise UserError(f"say whose face goes where: {key}={known}")
    raise UserError(f"{key}={word(direction)} is not one of this checkpoint's: give {known}")
