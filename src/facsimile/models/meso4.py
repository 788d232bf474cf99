"""Meso4: a small net for what lies between noise and meaning in a face crop."""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor, nn

_STAGES = ((3, 8, 3, 2), (8, 8, 5, 2), (8, 16, 5, 2), (16, 16, 5, 4))  # in, out, kernel, pooling
_SHRINK = 32


class Meso4(nn.Module):
    """Tells fake from real face crops, RGB in 0..1, by one logit.

    Source: Afchar et al. 2018, "MesoNet: a Compact Facial Video Forgery Detection Network", figure
    1; initialised as Keras does it. Its dense layer fixes the size of the crops.

    Args:
        image_size: Side of the crops, pixels; a multiple of 32. The paper's is 256.
        dropout: Share of the features that a training step leaves out, before each dense layer.

    Raises:
        ValueError: `image_size` is no multiple of 32.

    Example:
        >>> import torch
        >>> sum(p.numel() for p in Meso4().parameters())
        27977
        >>> Meso4(image_size=64)(torch.rand(2, 3, 64, 64)).shape
        torch.Size([2])
    """

    def __init__(self, image_size: int = 256, dropout: float = 0.5) -> None:
        super().__init__()
        if image_size < _SHRINK or image_size % _SHRINK:
            raise ValueError(f"image_size must be a multiple of {_SHRINK}, not {image_size}")
        self.image_size = image_size
        *early, last = _STAGES
        self.early = nn.Sequential(*(layer for stage in early for layer in _stage(stage)))
        *late, pool = _stage(last)
        self.late = nn.Sequential(*late)
        self.maps = nn.Identity()  # the last feature maps pass through, for Grad-CAM
        self.head = nn.Sequential(
            pool,
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(last[1] * (image_size // _SHRINK) ** 2, 16),
            nn.LeakyReLU(0.1),
            nn.Dropout(dropout),
            nn.Linear(16, 1),
        )
        self.apply(_initialise)

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, " b"]:
        """Return the logits of being fake.

        Raises:
            ValueError: The crops are of another size.
        """
        if x.shape[2:] != (self.image_size, self.image_size):
            raise ValueError(
                f"crops of {x.shape[3]}x{x.shape[2]} pixels, but image_size={self.image_size}"
            )
        logits: Tensor = self.head(self.maps(self.late(self.early(x))))
        return logits[:, 0]


def _stage(sizes: Sequence[int]) -> list[nn.Module]:
    before, after, kernel, pooling = sizes
    conv = nn.Conv2d(before, after, kernel, padding=kernel // 2)
    # Keras' epsilon and the complement of its momentum
    return [conv, nn.ReLU(), nn.BatchNorm2d(after, eps=1e-3, momentum=0.01), nn.MaxPool2d(pooling)]


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
