"""A swap net as DeepFaceLive's .dfm: NHWC and BGR outside, the net's own layout inside."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from facsimile.inference.dfm import FIXED, LEARNED, MASK
from facsimile.inference.dfm_ports import FACE, RESULTS
from facsimile.inference.onnx_export import Port, to_onnx
from facsimile.inference.swap import Identity


class DfmGraph(nn.Module):
    """The three outputs of a .dfm, computed by a swap net.

    Args:
        net: `(x, identity) -> (image, mask or None)` on squares of `net.resolution`, 0..1.
        identity: Whose face it brings.
        fixed: The swapped face's mask where the net has no mask decoders. The target's is then
            all ones: DeepFaceLive multiplies the two and cuts at a half.
    """

    def __init__(
        self, net: nn.Module, identity: Identity, fixed: Float32[np.ndarray, "r r"]
    ) -> None:
        super().__init__()
        self.net = net
        self.identity = identity
        self.fixed: Tensor
        self.register_buffer("fixed", torch.from_numpy(fixed)[None, :, :, None])

    def forward(
        self, x: Float[Tensor, "b r r 3"]
    ) -> tuple[Float[Tensor, "b r r 1"], Float[Tensor, "b r r 3"], Float[Tensor, "b r r 1"]]:
        """Mask of the target, swapped face (BGR), its mask."""
        crop = x.flip(-1).permute(0, 3, 1, 2)
        image, mask = self.net(crop, self.identity)
        face = image.permute(0, 2, 3, 1).flip(-1)
        if mask is None:
            fixed = self.fixed.expand(x.shape[0], -1, -1, -1)
            return torch.ones_like(fixed), face, fixed
        own = self.net(crop, "dst" if self.identity == "src" else "src")[1]
        return own.permute(0, 2, 3, 1), face, mask.permute(0, 2, 3, 1)


def to_dfm(
    net: nn.Module,
    identity: Identity,
    fixed: Float32[np.ndarray, "r r"],
    description: str,
    metadata: Mapping[str, str],
) -> bytes:
    """Write a swap net's one direction as a .dfm of the net's resolution and any batch size.

    Args:
        net: As `DfmGraph` takes it.
        identity: Whose face it brings.
        fixed: Mask for a net without mask decoders, of the net's resolution.
        description: What the file is, for people.
        metadata: Further facts; whether masks are learned or fixed is added.
    """
    side = int(net.resolution)  # type: ignore[arg-type]
    example = torch.rand(2, side, side, 3, generator=torch.Generator().manual_seed(0))
    learned = net.eval()(example.permute(0, 3, 1, 2), identity)[1] is not None
    shapes = [("N", side, side, channels) for channels in (1, 3, 1)]
    return to_onnx(
        DfmGraph(net, identity, fixed),
        example,
        Port(FACE, ("N", side, side, 3)),
        [Port(name, shape) for name, shape in zip(RESULTS, shapes, strict=True)],
        description,
        {**metadata, MASK: LEARNED if learned else FIXED},
    )
