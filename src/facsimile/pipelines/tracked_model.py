"""A recipe's trained net in MLflow: its card, and for some tasks a model that others can load."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from facsimile.media.files import sha256
from facsimile.pipelines.model_card import model_card, registered_name
from facsimile.pipelines.version import Measurement

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.evaluation.summary import Metrics
    from facsimile.tracking import Tracker

DESCRIPTION = "mlflow.note.content"  # what the page of a run shows on top


def log_model(
    cfg: DictConfig, runs: Tracker, run_id: str, checkpoint: Path, metrics: Metrics,
    measured: Measurement,
) -> None:  # fmt: skip
    """Give the run its card and, where the task has one, register the model.

    A swap is not registered: its checkpoint is a file among the artifacts, and `render`, which
    asks for consent and signs, is the only way to use it.
    """
    import torch

    from facsimile.inference.checkpoint import load_weights
    from facsimile.tracking.saved_model import TASKS, save_model

    weights, meta = load_weights(checkpoint)
    card = model_card(cfg, meta, metrics)
    runs.tag(run_id, {DESCRIPTION: card})
    if meta["task"] not in TASKS:
        return
    with TemporaryDirectory() as folder:
        net = Path(
            folder, "net.ckpt"
        )  # without the optimizer's state, which nobody needs who uses it
        state = {f"net.{key}": value for key, value in weights.items()}
        torch.save({"state_dict": state, "facsimile": meta}, net)
        save_model(Path(folder, "model"), net, str(meta["task"]), card)
        described = _described(cfg, metrics, measured)
        runs.log_model(
            run_id, Path(folder, "model"), task=meta["task"], card=card, sha256=sha256(net),
            **described,
        )  # fmt: skip


def _described(cfg: DictConfig, metrics: Metrics, measured: Measurement) -> dict[str, Any]:
    best = cfg.logger.mlflow.best
    metric = str(best.metric[cfg.task.name])
    value = metrics.get(metric)
    if value is None:
        print(f"not compared with other versions of the model: there is no metric {metric}; "
              f"logger.mlflow.best.metric.{cfg.task.name}= chooses another")  # fmt: skip
    return {
        "name": registered_name(cfg),
        "metric": metric,
        "value": None if value is None else float(value),
        "higher": bool(best.higher),
        "measured": measured.config,
    }
