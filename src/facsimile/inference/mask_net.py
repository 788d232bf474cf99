"""A trained swap autoencoder as what tells faces from their surroundings."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, UInt8

from facsimile.errors import UserError
from facsimile.inference.checkpoint import load_net
from facsimile.inference.swap import AutoencoderSwapper, Identity


class MaskNet:
    """Gives the masks that the mask decoders of a swap checkpoint learned.

    It is read on first use.

    Args:
        checkpoint: What `facsimile train` wrote of a swap with mask decoders; None is refused.
        coverage: Field of view of the pictures, which has to be that of the net's training.

    Raises:
        UserError: There is none. On first use: it cannot be read, is no swap, has no mask
            decoders, or has seen another field of view.
    """

    def __init__(self, checkpoint: Path | str | None, coverage: float | str) -> None:
        if checkpoint is None:
            raise UserError(
                "whose masks? Name a swap that was trained with model.mask_dim: "
                "task.data_module.mask.net.checkpoint=FILE.ckpt"
            )
        self.checkpoint, self.coverage = Path(checkpoint), coverage

    def __call__(
        self, image: UInt8[np.ndarray, "h h 3"], identity: Identity
    ) -> Float32[np.ndarray, "h h"]:
        """The mask in 0..1 of that person's face, by its own decoder."""
        _, masks = self._decoders[identity](image[None])
        if masks is None:
            raise UserError(f"{self.checkpoint} has no mask decoders: give one with model.mask_dim")
        return np.asarray(masks[0])

    @cached_property
    def _decoders(self) -> dict[Identity, AutoencoderSwapper]:
        net, meta = load_net(self.checkpoint, "swap")
        self._check(meta)
        resolution = int(meta["net"]["resolution"])
        names: tuple[Identity, Identity] = ("src", "dst")
        return {name: AutoencoderSwapper(net, name, resolution) for name in names}

    def _check(self, meta: dict[str, Any]) -> None:
        if meta.get("coverage") != self.coverage:
            raise UserError(
                f"{self.checkpoint} was trained on crops of coverage {meta.get('coverage')}, these "
                f"have {self.coverage} (params.extract.coverage): its masks would not fit"
            )
