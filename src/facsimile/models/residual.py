"""What restoration nets share: images of any size, and a residual added to what came in."""

from collections.abc import Callable, Iterable

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


def residual_head(width: int, scale: int = 1) -> nn.Conv2d:
    """The 3x3 convolution from `width` features to the residual of an image `scale` times larger.

    Its channels are red, green and blue, each with the `scale`**2 pixels that one becomes, in the
    order of `torch.nn.functional.pixel_shuffle` (Shi et al. 2016, "Real-Time Single Image and
    Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network").

    Raises:
        ValueError: `scale` is below 1.

    >>> residual_head(16).weight.shape, residual_head(16, scale=2).weight.shape
    (torch.Size([3, 16, 3, 3]), torch.Size([12, 16, 3, 3]))
    """
    if scale < 1:
        raise ValueError(f"scale must be at least 1, not {scale}")
    return nn.Conv2d(width, 3 * scale**2, 3, padding=1)


def restored(
    x: Float[Tensor, "b 3 h w"],
    residual: Callable[[Tensor], Tensor],
    stride: int = 1,
    scale: int = 1,
) -> Float[Tensor, "b 3 y x"]:
    """Add to an image what a net says of it, both `scale` times larger.

    Args:
        x: RGB of any height and width.
        residual: Images whose sides are multiples of `stride` to channels as `residual_head`
            gives them.
        stride: What the sides are padded to a multiple of, below and on the right.
        scale: How much larger the result is; the image itself is enlarged bilinearly.

    Returns:
        RGB, `scale` times as high and wide as `x`, not clamped.

    >>> import torch
    >>> nothing = lambda x: torch.zeros(1, 12, *x.shape[-2:])
    >>> restored(torch.ones(1, 3, 5, 7), nothing, stride=4, scale=2).shape
    torch.Size([1, 3, 10, 14])
    """
    height, width = (scale * side for side in x.shape[-2:])
    change = residual(pad_to_multiple(x, stride))
    if scale > 1:
        change = functional.pixel_shuffle(change, scale)
        x = functional.interpolate(x, scale_factor=float(scale), mode="bilinear")
    return x + change[..., :height, :width]


def pooled_levels(levels: Iterable[nn.Module], features: Tensor) -> list[Tensor]:
    """Return what each level of an encoder gives, max pooling by 2 between them.

    >>> import torch
    >>> [tuple(x.shape) for x in pooled_levels([nn.Identity()] * 2, torch.rand(1, 3, 4, 8))]
    [(1, 3, 4, 8), (1, 3, 2, 4)]
    """
    found: list[Tensor] = []
    for level in levels:
        found.append(level(functional.max_pool2d(found[-1], 2) if found else features))
    return found


def pad_to_multiple(x: Float[Tensor, "b c h w"], stride: int) -> Float[Tensor, "b c y x"]:
    """Reflect an image below and on the right until its sides are multiples of `stride`.

    An image smaller than its padding has nothing left to reflect: its border is repeated.
    """
    bottom, right = (-side % stride for side in x.shape[-2:])
    if not (bottom or right):
        return x
    reflects = bottom < x.shape[-2] and right < x.shape[-1]
    return functional.pad(x, (0, right, 0, bottom), mode="reflect" if reflects else "replicate")
