"""Batches travel from the loader's processes as bytes; nets read numbers in 0..1."""

from jaxtyping import Float32, UInt8
from torch import Tensor


def net_input(images: UInt8[Tensor, "*batch h w c"]) -> Float32[Tensor, "*batch c h w"]:
    """Return images of bytes in 0..1; NHWC seen as NCHW is channels_last without a copy.

    >>> import torch
    >>> net_input(torch.tensor([[[0, 51, 255]]], dtype=torch.uint8)).flatten()
    tensor([0.0000, 0.2000, 1.0000])
    """
    return images.float().div_(255).movedim(-1, -3)
