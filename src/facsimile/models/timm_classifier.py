"""Any of timm's image classifiers as a detector."""

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

_NEEDED = "needs timm, which is not installed here: pip install timm"


class TimmClassifier(nn.Module):
    """Tells fake from real face crops, RGB in 0..1 of any size that the net takes, by one logit.

    Colours are normalised as the net's published weights want it. Nothing is downloaded: it starts
    from random weights (see `TimmWeights`).

    Args:
        architecture: timm's name of it, as `legacy_xception` (Chollet 2017; the detector of
            Roessler et al. 2019, FaceForensics++) or `efficientnet_b4` (Tan and Le 2019).
        dropout: Share of the features that a training step leaves out.

    Raises:
        ValueError: timm is not installed, or knows no such architecture.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, architecture: str, dropout: float = 0.0) -> None:
        super().__init__()
        self.net = _create(architecture, dropout)
        for name in ("mean", "std"):
            values = torch.tensor(self.net.pretrained_cfg[name])[:, None, None]
            self.register_buffer(name, values, persistent=False)
        self.maps = nn.Identity()  # the last feature maps pass through, for Grad-CAM

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, " b"]:
        """Return the logits of being fake."""
        maps = self.maps(self.net.forward_features((x - self.mean) / self.std))
        logits: Tensor = self.net.forward_head(maps)
        return logits[:, 0]


class TimmWeights:
    """Starts a `TimmClassifier` from published weights, all but its last layer.

    Args:
        path: A safetensors file of the same architecture, as timm publishes them.
        sha256: What it must hash to.
    """

    def __init__(self, path: Path | str, sha256: str) -> None:
        self.path, self.sha256 = Path(path), sha256

    def __call__(self, net: TimmClassifier) -> None:
        """Put the weights into the net.

        Raises:
            ValueError: The file is not there, is another, or does not fit.
        """
        weights = self._read()
        own = net.net.state_dict()
        last = str(net.net.pretrained_cfg["classifier"])
        taken = {key: w for key, w in weights.items() if key.rpartition(".")[0] != last}
        wanted = {key for key in own if key.rpartition(".")[0] != last}
        if {*taken} != wanted or any(own[key].shape != w.shape for key, w in taken.items()):
            raise ValueError(f"{self.path} holds the weights of another architecture")
        net.net.load_state_dict(taken, strict=False)

    def _read(self) -> dict[str, Tensor]:
        import hashlib

        from safetensors.torch import load

        if not self.path.is_file():
            raise ValueError(f"there is no {self.path}")
        data = self.path.read_bytes()
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise ValueError(f"{self.path} has the SHA-256 {found}, not {self.sha256}")
        return dict(load(data))


def _create(architecture: str, dropout: float) -> Any:
    try:
        from timm import create_model
    except ImportError as error:
        raise ValueError(f"{architecture} {_NEEDED}") from error
    try:
        return create_model(architecture, pretrained=False, num_classes=1, drop_rate=dropout)
    except RuntimeError as error:  # timm's own word for a name that it does not know
        raise ValueError(f"timm has no {architecture!r}: {error}") from error
