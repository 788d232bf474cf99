"""A trained net as a folder that `mlflow.pyfunc.load_model` reads, without unpickling anything."""

from __future__ import annotations

import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from facsimile.tracking.served import CHECKPOINT

TASKS = ("enhancement", "detection")
CARD = "README.md"
NEEDED = ("facsimile", "mlflow", "numpy", "torch", "timm")


def save_model(folder: Path, checkpoint: Path, task: str, card: str) -> None:
    """Write the folder: checkpoint, signature, requirements, model card.

    The code in it is `served_code`, which imports facsimile: that has to be installed where the
    model is loaded.

    Args:
        folder: Not there yet.
        checkpoint: Weights and description, see `inference.checkpoint`.
        task: `enhancement` or `detection`.
        card: Markdown.
    """
    import numpy as np
    from mlflow.models import ModelSignature
    from mlflow.pyfunc import save_model as save
    from mlflow.types import Schema, TensorSpec

    pictures = TensorSpec(np.dtype(np.uint8), (-1, -1, -1, 3))
    scores = TensorSpec(np.dtype(np.float64), (-1,))
    made = pictures if task == "enhancement" else scores
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*input example.*")  # faces are nobody's example
        save(
            str(folder),
            python_model=str(Path(__file__).with_name("served_code.py")),
            artifacts={CHECKPOINT: str(checkpoint)},
            signature=ModelSignature(Schema([pictures]), Schema([made])),
            pip_requirements=[*_requirements()],
        )
    (folder / CARD).write_text(card, encoding="utf-8")


def _requirements() -> list[str]:
    found = []
    for name in NEEDED:
        try:
            found.append(f"{name}=={version(name)}")
        except PackageNotFoundError:  # facsimile, run from its sources
            found.append(name)
    return found
