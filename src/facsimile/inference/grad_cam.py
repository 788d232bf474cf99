"""Where a detector looks: heat maps of what speaks for a fake."""

import cv2
import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

_OPAQUE = 0.6  # of the heat map where it is hottest


def grad_cam(
    net: nn.Module, faces: Float[Tensor, "b 3 h w"]
) -> tuple[Float[Tensor, " b"], Float[Tensor, "b h w"]]:
    """The logits of a detector, and for each face a map in 0..1 of what raises its logit.

    The last feature maps, those that pass through the net's `maps`, are added up, each weighted by
    its mean gradient, and what is negative is cut off (Selvaraju et al. 2017, equations 1 and 2). A
    map's largest value is made 1; of a face in which nothing speaks for a fake all are 0.

    Args:
        net: In evaluation mode.
        faces: RGB in 0..1.
    """
    kept: list[Tensor] = []

    def keep(module: nn.Module, given: tuple[Tensor, ...], maps: Tensor) -> Tensor:
        kept.append(maps)
        return maps.clone()  # what comes after may write into it

    handle = net.get_submodule("maps").register_forward_hook(keep)
    try:
        with torch.enable_grad():
            logits = net(faces.clone().requires_grad_()).float()
            total = logits.sum()
    finally:
        handle.remove()
    [gradient] = torch.autograd.grad(total, kept[0])
    heat = (gradient.mean(dim=(2, 3), keepdim=True) * kept[0]).sum(dim=1, keepdim=True).relu()
    heat = functional.interpolate(heat.detach().float(), faces.shape[2:], mode="bilinear")[:, 0]
    top = heat.amax(dim=(1, 2), keepdim=True)
    return logits.detach(), torch.where(top > 0, heat / top.clamp(min=1e-12), 0.0)


def laid_over(
    face: UInt8[np.ndarray, "h w 3"], heat: Float[np.ndarray, "h w"]
) -> UInt8[np.ndarray, "h w 3"]:
    """A face beneath its heat map, which hides most where it is hottest; RGB."""
    levels = np.asarray(np.rint(255 * heat), np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    share = _OPAQUE * heat[..., None]
    return np.asarray(np.rint(face * (1 - share) + colours * share), np.uint8)
