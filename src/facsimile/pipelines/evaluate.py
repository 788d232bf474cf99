"""Measure a checkpoint on held-out data, beside every baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.evaluation.results import Results
from facsimile.evaluation.tables import tables_of
from facsimile.pipelines.net_signing import restored_signer
from facsimile.pipelines.places import check_recipe_folder, checkpoint_of
from facsimile.pipelines.record import MEASUREMENT, measurement_table, record
from facsimile.pipelines.resolve import recipe_folder, write_config
from facsimile.pipelines.show_table import show_table
from facsimile.pipelines.version import Version, measurement, mismatch, version_of

if TYPE_CHECKING:
    import numpy as np
    from omegaconf import DictConfig
    from torch import nn

EXAMPLES = 6  # images of a degradation that are shown


def run(cfg: DictConfig) -> None:
    """Evaluate `checkpoint=` (or the recipe's own) into the recipe's folder or `output=`."""
    from facsimile.inference.checkpoint import load_net

    folder = _folder(cfg)
    check_recipe_folder(folder)
    path = checkpoint_of(cfg, folder)
    net, meta = load_net(path)
    results = _evaluate(cfg, path, net, meta, folder)
    version = version_of(meta)
    if version is not None:
        results.tables[MEASUREMENT] = measurement_table(measurement(cfg, version))
    results.write(folder)
    for table in tables_of(results.metrics):
        show_table(table)
    _record(cfg, folder, version)


def _record(cfg: DictConfig, folder: Path, version: Version | None) -> None:
    """Log the results, unless the configuration is not the one that trained the checkpoint."""
    if version is None:
        print("not recorded in MLflow: the checkpoint does not say what it was trained with")
        return
    try:
        reason = mismatch(cfg, version)
    except UserError as gone:  # what it started from: no reason to lose the results
        reason = f"or cannot be told to be: {gone}"
    if reason is not None:
        print(f"not recorded in MLflow: the checkpoint is not this recipe's, {reason}")
        return
    write_config(cfg, folder)
    record(cfg, folder, version, measurement(cfg, version))


def _folder(cfg: DictConfig) -> Path:
    if cfg.checkpoint is not None and cfg.output is None and cfg.name is None:
        raise UserError("say output=DIR: there is no recipe whose folder could take the results")
    return recipe_folder(cfg)


def _evaluate(
    cfg: DictConfig, path: Path, net: nn.Module, meta: dict[str, Any], folder: Path
) -> Results:
    task = meta["task"]
    recipe = cfg.get("task")  # absent where only a checkpoint was named
    if recipe is not None and recipe.name != task:
        raise UserError(f"the checkpoint is of task {task}, but task={recipe.name}")
    if task == "swap":
        from facsimile.pipelines.swap_evaluation import evaluate_swap
        from facsimile.pipelines.trained_swap import trained_swap

        return evaluate_swap(cfg, trained_swap(path, net, meta), folder)
    if task == "enhancement":
        return _evaluate_enhancement(cfg, path, net, meta)
    raise UserError(f"there is no evaluation of task {task}")


def _evaluate_enhancement(
    cfg: DictConfig, path: Path, net: nn.Module, meta: dict[str, Any]
) -> Results:
    from hydra.utils import instantiate

    from facsimile.evaluation.curves import method_bars
    from facsimile.evaluation.enhancement import evaluate_enhancement

    if cfg.get("task") is None:
        raise UserError("say experiment=NAME as well: it holds the degradations to test with")
    test_set = instantiate(cfg.task.data_module).test_set()
    metrics, table, examples = evaluate_enhancement(net, test_set, EXAMPLES)
    pictures = {
        f"examples_{degradation}": _before_and_after(
            [e for e in examples if e.degradation == degradation]
        )
        for degradation in test_set
    }
    signs = dict.fromkeys(pictures, restored_signer(path, meta))
    return Results(metrics, {"enhancement": table}, method_bars(table), pictures, signs)


def _before_and_after(examples: list[Any]) -> np.ndarray:
    from facsimile.evaluation.enhancement import BASELINES
    from facsimile.evaluation.pictures import sheet

    median = BASELINES["median3"]
    rows = [
        ("degraded", [example.lq for example in examples]),
        ("restored by the net", [example.restored for example in examples]),
        ("restored by a 3x3 median", [median(example.lq) for example in examples]),
        ("original", [example.gt for example in examples]),
    ]
    return sheet(rows, height=128)
