"""A net as plain ONNX: images as the net takes them, RGB in 0..1, channels first."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.inference.onnx_export import Port, to_onnx
from facsimile.inference.swap import Identity


class OneIdentity(nn.Module):
    """A swap net that always brings the same face."""

    def __init__(self, net: nn.Module, identity: Identity) -> None:
        super().__init__()
        self.net = net
        self.identity = identity

    def forward(self, x: Float[Tensor, "b 3 r r"]) -> tuple[Tensor, ...]:
        """The face and, where the net learned one, its mask."""
        image, mask = self.net(x, self.identity)
        return (image,) if mask is None else (image, mask)


def swap_to_onnx(
    net: nn.Module, identity: Identity, description: str, metadata: Mapping[str, str]
) -> bytes:
    """Write one direction of a swap net: `crop` to `face`, and `mask` where it learned one.

    Args:
        net: `(x, identity) -> (image, mask or None)` on squares of `net.resolution`, 0..1.
        identity: Whose face it brings.
        description: What the file is, for people.
        metadata: Further facts.
    """
    side = int(net.resolution)  # type: ignore[arg-type]
    graph, example = OneIdentity(net, identity).eval(), _noise(side, side)
    results = {"face": 3, "mask": 1}
    kept = list(results)[: len(graph(example))]
    return to_onnx(
        graph,
        example,
        Port("crop", ("N", 3, side, side)),
        [Port(name, ("N", results[name], side, side)) for name in kept],
        description,
        metadata,
    )


def enhancement_to_onnx(net: nn.Module, description: str, metadata: Mapping[str, str]) -> bytes:
    """Write a net that restores images: `lq` to `restored`, which is not clamped.

    Args:
        net: Images to images. The file takes none with a side below `net.stride` or, where it has
            that, `net.least`; its metadata say which, as `least_side`.
        description: What the file is, for people.
        metadata: Further facts.
    """
    # one more than a multiple of the stride: the tracer must see how others are padded
    side = 4 * int(net.stride) + 1  # type: ignore[arg-type]
    shape, scale = ("N", 3, "H", "W"), int(getattr(net, "scale", 1))
    larger = shape if scale == 1 else ("N", 3, f"{scale}H", f"{scale}W")
    least = max(int(net.stride), int(getattr(net, "least", 1)))  # type: ignore[arg-type]
    ports = Port("lq", shape), [Port("restored", larger)]
    facts = {**metadata, "least_side": str(least)}
    return to_onnx(net, _noise(side, 2 * side), *ports, description, facts)


def _noise(height: int, width: int) -> Float[Tensor, "2 3 h w"]:
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))
