"""A small detector that is shown no picture, only what blending and upsampling leave in it."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

# what a pixel differs by from a prediction by its neighbours; of levels 0..255
_RESIDUALS = (
    [[-1, 2, -2, 2, -1], [2, -6, 8, -6, 2], [-2, 8, -12, 8, -2], [2, -6, 8, -6, 2],
     [-1, 2, -2, 2, -1]],
    [[0, 0, 0, 0, 0], [0, -1, 2, -1, 0], [0, 2, -4, 2, 0], [0, -1, 2, -1, 0], [0, 0, 0, 0, 0]],
    [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, -2, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
)  # fmt: skip
_DIVISORS = (12.0, 4.0, 2.0)
_LIMIT = 2.0  # of a residual, levels: edges of the picture say nothing
_WEIGHTS = (0.299, 0.587, 0.114)  # of red, green and blue in what the eye calls brightness
_STEADY = 1e-8  # below the power of rounding to 256 levels


class FrequencyNet(nn.Module):
    """Tells fake from real face crops, RGB in 0..1 of any size, by one logit.

    Two views of a crop meet in a linear layer. Residuals of three high-pass filters in each colour,
    cut off at two levels, go through a small convolutional net, whose last maps are averaged
    (filters: Fridrich and Kodovsky 2012; in a net: Zhou et al. 2018). The logarithm of the power
    spectrum of the brightness, averaged over rings and free of its mean, goes through a dense layer
    (Durall et al. 2020, "Watch your Up-Convolution").

    Args:
        width: Channels of the first convolution; each of the others doubles them.
        stages: Convolutions, each of which halves the maps.
        rings: Of the spectrum, from frequency 0 to the highest along an axis.
        dropout: Share of the features that a training step leaves out.

    Raises:
        ValueError: `stages` is below 1, or `rings` below 2.

    Example:
        >>> sum(p.numel() for p in FrequencyNet().parameters())
        100369
        >>> FrequencyNet(width=4)(torch.rand(2, 3, 64, 80)).shape
        torch.Size([2])
    """

    filters: Tensor

    def __init__(
        self, width: int = 16, stages: int = 4, rings: int = 48, dropout: float = 0.2
    ) -> None:
        super().__init__()
        if stages < 1 or rings < 2:
            raise ValueError(f"stages={stages} must be at least 1, rings={rings} at least 2")
        self.rings = rings
        self.register_buffer("filters", _filters(), persistent=False)
        widths = [3 * len(_RESIDUALS), *(width * 2**stage for stage in range(stages))]
        pairs = zip(widths, widths[1:], strict=False)
        self.body = nn.Sequential(*(layer for pair in pairs for layer in _stage(*pair)))
        self.maps = nn.Identity()  # the last feature maps pass through, for Grad-CAM
        self.spectrum = nn.Sequential(nn.LayerNorm(rings), nn.Linear(rings, 32), nn.ReLU())
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(widths[-1] + 32, 1))

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, " b"]:
        """Return the logits of being fake."""
        with torch.autocast(x.device.type, enabled=False):  # both are lost in 8 bits of precision
            seen, spectrum = residuals(x, self.filters), ring_spectrum(x, self.rings)
        maps = self.maps(self.body(seen))
        features = torch.cat([maps.mean(dim=(2, 3)), self.spectrum(spectrum)], dim=1)
        logits: Tensor = self.head(features)
        return logits[:, 0]


def residuals(
    x: Float[Tensor, "b 3 h w"], filters: Float[Tensor, "n 1 k k"]
) -> Float[Tensor, "b m h w"]:
    """What high-pass filters leave of each colour, in -1..1: two levels of 256 and more are 1."""
    levels = functional.pad(255 * x.float(), [filters.shape[-1] // 2] * 4, mode="replicate")
    left = functional.conv2d(levels, filters.repeat(3, 1, 1, 1), groups=3)
    return left.clamp(-_LIMIT, _LIMIT) / _LIMIT


def ring_spectrum(x: Float[Tensor, "b 3 h w"], rings: int) -> Float[Tensor, "b {rings}"]:
    """The logarithm of the mean power on rings of equal frequency, less its mean over the rings.

    Frequencies above the highest along an axis, in the corners, belong to no ring; a ring in which
    a small image has no frequency has the power of rounding.
    """
    weights = x.new_tensor(_WEIGHTS, dtype=torch.float32)
    grey = torch.einsum("bchw,c->bhw", x.float(), weights)
    height, width = grey.shape[1:]
    rows, columns = torch.hann_window(height), torch.hann_window(width)
    window = (rows[:, None] * columns).to(x.device)
    grey = (grey - grey.mean(dim=(1, 2), keepdim=True)) * window
    power = torch.fft.rfft2(grey, norm="ortho").abs().square()
    share = _shares(height, width, rings).to(x.device)
    told = torch.log(power.flatten(1) @ share + _STEADY)
    return told - told.mean(dim=1, keepdim=True)


def _shares(height: int, width: int, rings: int) -> Float[Tensor, "f {rings}"]:
    """How much of each frequency goes into the mean of each ring."""
    frequency = torch.hypot(torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width))
    places = (frequency.flatten() * 2 * rings).long()
    inside = functional.one_hot(places.clamp(max=rings), rings + 1)[:, :rings].float()
    return inside / inside.sum(dim=0).clamp(min=1)


def _filters() -> Float[Tensor, "n 1 5 5"]:
    divisors = torch.tensor(_DIVISORS)[:, None, None]
    return (torch.tensor(_RESIDUALS, dtype=torch.float32) / divisors)[:, None]


def _stage(before: int, after: int) -> list[nn.Module]:
    conv = nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False)
    return [conv, nn.BatchNorm2d(after), nn.ReLU()]
