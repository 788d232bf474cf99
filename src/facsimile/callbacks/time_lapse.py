"""The previews of a training as a video."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
from jaxtyping import UInt8
from PIL import Image

Picture = UInt8[np.ndarray, "h w 3"]


def read_previews(folder: Path) -> Iterator[Picture]:
    """Yield the pictures of `Preview` in the order of their steps, RGB."""
    for path in sorted(folder.glob("step_*.png")):
        with Image.open(path) as image:
            yield np.asarray(image.convert("RGB"))


class TimeLapse(pl.Callback):
    """Show the same faces over the steps of a training, once it has ended.

    It reads the files that `Preview` left, so a resumed training shows its whole course.

    Args:
        folder: Of the previews.
        path: The video to write; nothing is written without previews.
        write: Writes it: (path, pictures of one size, pictures a second).
        rate: Pictures a second.
    """

    def __init__(
        self,
        folder: Path | str,
        path: Path | str,
        write: Callable[[Path, Iterator[Picture], float], Any],
        rate: float = 4.0,
    ) -> None:
        self.folder, self.path, self.write, self.rate = Path(folder), Path(path), write, rate

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the video."""
        if trainer.is_global_zero and any(self.folder.glob("step_*.png")):
            self.write(self.path, read_previews(self.folder), self.rate)
