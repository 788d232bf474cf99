"""What puts one person's face where another's was, crop by crop."""

from typing import Literal, Protocol, runtime_checkable

import cv2
import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor, nn

from facsimile.inference.precision import autocast

Identity = Literal["src", "dst"]


@runtime_checkable
class Swapper(Protocol):
    """Gives every crop another face."""

    def __call__(
        self, crops: UInt8[np.ndarray, "b h w 3"]
    ) -> tuple[Float32[np.ndarray, "b h w 3"], Float32[np.ndarray, "b h w"] | None]:
        """Return faces in 0..1, and where the net learned one, their masks in 0..1."""


class AutoencoderSwapper:
    """Decode each crop with the decoder of one identity.

    Args:
        net: `(x, identity) -> (image, mask or None)` on squares of `resolution`, 0..1; nothing
            but its LeakyReLUs reads what these are given, which they overwrite.
        identity: Whose decoder: `src` is the swap pair's first.
        resolution: Side that the net works at; crops are reduced to it and faces enlarged again.
        precision: Format of the arithmetic; None is float32.
    """

    def __init__(
        self,
        net: nn.Module,
        identity: Identity,
        resolution: int,
        precision: torch.dtype | None = None,
    ) -> None:
        self.net = net.eval().to(memory_format=torch.channels_last)
        self.identity = identity
        self.resolution = resolution
        self.precision = precision
        for module in net.modules():
            if isinstance(module, nn.LeakyReLU):
                module.inplace = True  # a twelfth less time for the same bits

    @torch.inference_mode()
    def __call__(
        self, crops: UInt8[np.ndarray, "b h w 3"]
    ) -> tuple[Float32[np.ndarray, "b h w 3"], Float32[np.ndarray, "b h w"] | None]:
        """Swap a batch of aligned square crops."""
        size = crops.shape[1]
        with autocast(self.precision):
            image, mask = self.net(self._tensor(crops), self.identity)
        faces = [_resize(face, size) for face in _channels_last(image)]
        if mask is None:
            return np.stack(faces), None
        masks = [_resize(alpha[..., 0], size) for alpha in _channels_last(mask)]
        return np.stack(faces), np.stack(masks)

    def _tensor(self, crops: UInt8[np.ndarray, "b h w 3"]) -> Tensor:
        """Reduce by area, as the training faces were."""
        side = (self.resolution, self.resolution)
        small = np.stack([cv2.resize(crop, side, interpolation=cv2.INTER_AREA) for crop in crops])
        batch = torch.from_numpy(small).permute(0, 3, 1, 2).float() / 255
        return batch.contiguous(memory_format=torch.channels_last)


class StillSwapper:
    """Paste the same picture on every crop: the baseline that follows no expression.

    Args:
        face: One aligned crop of the source, RGB, of the size of the crops it is asked for.
    """

    def __init__(self, face: UInt8[np.ndarray, "h w 3"]) -> None:
        self.face = face.astype(np.float32) / 255

    def __call__(
        self, crops: UInt8[np.ndarray, "b h w 3"]
    ) -> tuple[Float32[np.ndarray, "b h w 3"], None]:
        """Repeat the still once for each crop."""
        return np.stack([_resize(self.face, crops.shape[1])] * len(crops)), None


def _channels_last(batch: Tensor) -> Float32[np.ndarray, "b h w c"]:
    return np.ascontiguousarray(batch.float().permute(0, 2, 3, 1).numpy())


def _resize(image: Float32[np.ndarray, "h w *c"], size: int) -> Float32[np.ndarray, "s s *c"]:
    """Bring to size x size; cubic, since a face is usually enlarged here."""
    if image.shape[0] == size:
        return image
    large = cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large, 0, 1), np.float32)
