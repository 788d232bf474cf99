"""Training on the face alone: what lies outside its mask is black in both pictures."""

import torch
from jaxtyping import Float
from torch import Tensor
from torchvision.transforms.functional import gaussian_blur

from facsimile.losses.channels import face_mask, rgb


def blurred_mask(mask: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 1 h w"]:
    """Widen a mask in 0..1 outwards by a soft edge, 1 wherever it was 1 over a wide area.

    DeepFaceLab's: a Gaussian blur of r/32 pixels, of which 0..0.5 becomes 0..1.

    >>> mask = torch.zeros(1, 1, 64, 64)
    >>> mask[..., 32:] = 1
    >>> [round(float(v), 1) for v in blurred_mask(mask)[0, 0, 32, [20, 30, 32, 40]]]
    [0.0, 0.4, 1.0, 1.0]
    """
    spread = max(1, mask.shape[-1] // 32)
    with torch.autocast(mask.device.type, enabled=False):
        blurred: Tensor = gaussian_blur(mask, [6 * spread + 1] * 2, [float(spread)] * 2)
    return (2 * blurred).clamp(0, 1)


def mask_out(
    preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
) -> tuple[Float[Tensor, "b p h w"], Float[Tensor, "b c h w"]]:
    """Multiply both pictures by the target's blurred mask; the channels beside stay as they are.

    Raises:
        UserError: The faces come without masks.
    """
    mask = blurred_mask(face_mask(target))
    ours, theirs = (torch.cat([rgb(x) * mask, x[:, 3:]], dim=1) for x in (preds, target))
    return ours, theirs
