"""Measure a checkpoint on held-out data, beside every baseline."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.evaluation.restored_tables import strength_table
from facsimile.evaluation.result_tables import tables_of
from facsimile.evaluation.results import Results
from facsimile.evaluation.summary import Metrics
from facsimile.pipelines.net_signing import restored_signer
from facsimile.pipelines.places import check_recipe_folder, checkpoint_of
from facsimile.pipelines.record import MEASUREMENT, METRICS, measurement_table, record
from facsimile.pipelines.resolve import recipe_folder, write_config
from facsimile.pipelines.show_table import show_table
from facsimile.pipelines.version import Version, measurement, mismatch, version_of

BY_STRENGTH = "by_strength"

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from omegaconf import DictConfig
    from torch import nn

    from facsimile.evaluation.test_pairs import DegradedPairs
    from facsimile.filters.protocol import Filter


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
    _show(cfg, results)
    _record(cfg, folder, version)


def _show(cfg: DictConfig, results: Results) -> None:
    tables = tables_of(results.metrics, _beside(cfg, results.metrics))
    if BY_STRENGTH in results.means:
        tables.append(strength_table(results.means[BY_STRENGTH]))
    for table in tables:
        show_table(table)


def _beside(cfg: DictConfig, metrics: Metrics) -> dict[str, Metrics]:
    """Metrics of the runs in `evaluation.beside`, by name; of what cannot stand there it is said.

    They are shown only: nothing of this run's results depends on them.
    """
    found = {}
    for folder in map(Path, cfg.evaluation.get("beside") or []):
        path = folder / METRICS
        if not path.is_file():
            print(f"not shown beside it: there is no {path}")
            continue
        other = json.loads(path.read_text(encoding="utf-8"))
        if metrics.keys().isdisjoint(other):
            print(f"not shown beside it: {path} is of other test sets")
            continue
        found[folder.name] = other
    return found


def check_measurable(cfg: DictConfig) -> None:
    """Make sure, before a training, that its evaluation will find what it measures on.

    Raises:
        UserError: The test sets of an enhancement are not made, or by an earlier version, or the
            test faces of a detection lack fakes or show whom training sees; it says what to run.
    """
    if cfg.task.name == "detection":
        from facsimile.pipelines.detection_evaluation import test_faces

        test_faces(cfg, list(cfg.task.data_module.data))
    if cfg.task.name == "enhancement":
        from facsimile.pipelines.baselines import (
            degraded_pairs,
            pictures_to_measure,
            read_baselines,
        )

        pairs = degraded_pairs(cfg, cfg.task.data_module.scale)
        if pairs.scale == 1:
            read_baselines(cfg, pairs)
        pictures_to_measure(cfg, pairs)


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
    if task == "detection":
        from facsimile.pipelines.detection_evaluation import evaluate_detection

        return evaluate_detection(cfg, net, meta)
    raise UserError(f"there is no evaluation of task {task}")


def _evaluate_enhancement(
    cfg: DictConfig, path: Path, net: nn.Module, meta: dict[str, Any]
) -> Results:
    """Measure the net on what `degrade` left, and join what filters made of the same."""
    import pandas as pd

    from facsimile.evaluation.restored import summarise
    from facsimile.evaluation.restored_curves import by_strength, method_bars, strength_curves
    from facsimile.pipelines.baselines import degraded_pairs, in_words, rivals

    if cfg.get("task") is None:
        raise UserError("say experiment=NAME as well: it holds the data set to test with")
    pairs = degraded_pairs(cfg, int(getattr(net, "scale", 1)))
    others, chain = rivals(cfg, pairs)
    per_image = pd.concat([_measured(cfg, net, pairs), others], ignore_index=True)
    if chain is None:
        print(
            f"x{pairs.scale}: the net enlarges pictures that were shrunk; no-op is their bicubic "
            "enlargement, every filter is followed by it, and no blind chain was chosen for them"
        )
    else:
        print(f"blind chain: {in_words(chain)}")
    pictures = _before_and_after(cfg, net, pairs, per_image, chain)
    strengths = by_strength(per_image)
    return Results(
        summarise(per_image),
        {"enhancement": per_image, "blind_chain": pd.DataFrame({"filter": chain or []}, dtype=str)},
        method_bars(per_image) | strength_curves(per_image),
        pictures,
        dict.fromkeys(pictures, restored_signer(path, meta)),
        {} if strengths.empty else {BY_STRENGTH: strengths},
    )


def _measured(cfg: DictConfig, net: nn.Module, pairs: DegradedPairs) -> pd.DataFrame:
    import pandas as pd

    from facsimile.evaluation.enhancement import measure_net
    from facsimile.pipelines.baselines import pictures_to_measure
    from facsimile.pipelines.enhance_progress import EnhanceProgress

    rows, embedders = pictures_to_measure(cfg, pairs)
    with EnhanceProgress() as progress:
        measured = measure_net(net, pairs, rows, embedders)
        return pd.DataFrame([*progress.watch(measured, "measure the net", "pictures", len(rows))])


def _before_and_after(
    cfg: DictConfig,
    net: nn.Module,
    pairs: DegradedPairs,
    per_image: pd.DataFrame,
    chain: list[str] | None,
) -> dict[str, np.ndarray]:
    """A sheet of each fixed set, the worst restored pictures first."""
    from facsimile.evaluation.before_after import before_and_after
    from facsimile.evaluation.enhancement import restore
    from facsimile.evaluation.restored import best_filter
    from facsimile.pipelines.baselines import built_filters, chained, in_words

    filters, rows = built_filters(cfg), pairs.rows("test")
    on_each = partial(_on_each, scale=pairs.scale)
    blind = {}
    if chain is not None:
        blind = {f"blind chain: {in_words(chain)}": on_each(chained(filters, chain))}
    sheets = {}
    fixed = per_image[per_image["strength"].isna()]
    for name, measured in fixed.groupby("degradation", sort=False):
        best = best_filter(measured)
        single = {f"best single filter: {best}": on_each(filters[best])} if best else {}
        restorers = {"the net": partial(restore, net=net)} | blind | single
        these = rows[rows["fixed"] & (rows["degradation"] == name)]
        # a PNG would be five times as large, and there are many
        sheets[f"examples_{name}.jpg"] = before_and_after(measured, these, pairs, restorers)
    return sheets


def _on_each(restore: Filter, scale: int) -> Callable[[list[np.ndarray]], list[np.ndarray]]:
    from facsimile.evaluation.enhancement import enlarging

    enlarged = enlarging(restore, scale)
    return lambda images: [enlarged(image) for image in images]
