"""Restorers and detectors as MLflow loads them: pictures in, pictures or scores out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt8
from mlflow.pyfunc.model import PythonModel

CHECKPOINT = "checkpoint"
_FACES = 64  # that a detector sees at once


class TrainedNet(PythonModel):
    """A net of the tasks enhancement or detection.

    The checkpoint is read as `facsimile enhance` reads it: tensors and plain values, and only
    classes of facsimile.models.
    """

    def load_context(self, context: Any) -> None:
        """Read the net from the checkpoint among the model's files."""
        from facsimile.inference.checkpoint import load_net

        self.net, self.meta = load_net(Path(context.artifacts[CHECKPOINT]))

    def predict(
        self, context: Any, model_input: np.ndarray, params: dict[str, Any] | None = None
    ) -> np.ndarray:
        """Restore pictures, or score faces.

        Args:
            context: MLflow's; not used.
            model_input: uint8 RGB, "n h w 3". Of a detector: aligned faces, as `facsimile extract`
                makes them.
            params: None are taken.

        Returns:
            uint8 RGB, as high and wide or `scale` times so; or scores of being fake, "n", 0..1.
        """
        pictures = np.ascontiguousarray(model_input, np.uint8)
        if not len(pictures):
            return pictures if self.meta["task"] == "enhancement" else np.zeros(0)
        if self.meta["task"] == "enhancement":
            return self._restored(pictures)
        return self._scores(pictures)

    def _restored(self, pictures: UInt8[np.ndarray, "n h w 3"]) -> UInt8[np.ndarray, "n hh ww 3"]:
        from facsimile.inference.enhance import Enhancer

        enhancer = Enhancer(self.net)
        return np.stack([enhancer(picture) for picture in pictures])

    def _scores(self, faces: UInt8[np.ndarray, "n h w 3"]) -> Float64[np.ndarray, " n"]:
        import torch

        from facsimile.data.batches import net_input
        from facsimile.data.sizes import squared

        squares = np.stack([squared(face, int(self.meta["crop_size"])) for face in faces])
        scores = []
        with torch.inference_mode():
            for start in range(0, len(squares), _FACES):
                batch = torch.from_numpy(squares[start : start + _FACES])
                scores.append(self.net(net_input(batch)).double().sigmoid())
        return np.asarray(torch.cat(scores).numpy())
