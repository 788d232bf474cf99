"""Train a recipe (experiment=NAME), resuming what was interrupted, and evaluate it."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Container, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.media.files import atomic_folder, atomic_path
from facsimile.pipelines.devices import check_batch_norm, training_precision
from facsimile.pipelines.finished import tell_if_finished
from facsimile.pipelines.learnt import learnt_data, learnt_grounds, pretrains, require_consent
from facsimile.pipelines.net_signing import write_preview, write_time_lapse
from facsimile.pipelines.places import check_recipe_folder
from facsimile.pipelines.ranks import is_first, part
from facsimile.pipelines.record import open_run, write_version
from facsimile.pipelines.required import require_recipe
from facsimile.pipelines.resolve import detector_settings, recipe_folder, resolved, write_config
from facsimile.pipelines.settings import check_settings
from facsimile.pipelines.starting_net import StartingNet, starting_net
from facsimile.pipelines.trial import forget_if_pruned, of_a_job, trial_callbacks
from facsimile.pipelines.version import Version, measurement, training_config, training_version

if TYPE_CHECKING:
    import pytorch_lightning as pl
    from omegaconf import DictConfig

RESUME, FINAL = "resume.ckpt", "final.ckpt"


def run(cfg: DictConfig) -> None:
    """Train from configuration, write the checkpoint and the curves, then evaluate."""
    require_recipe(cfg)
    require_consent(cfg)
    start = starting_net(cfg)
    check_settings(training_config(cfg))
    output = recipe_folder(cfg)
    check_recipe_folder(output)
    if cfg.evaluate and not pretrains(cfg):
        _check_measurable(cfg)
    version = training_version(cfg)
    if tell_if_finished(cfg, output, version):
        return
    work = _work_folder(cfg, output, version)
    if not is_first():  # of the processes that train together; the first does all the rest
        _train(cfg, start, work, output, version, logger=False)
        return
    runs, run_id = open_run(cfg, version, measurement(cfg, version))
    with forget_if_pruned(work), runs.ending(run_id):
        logger = runs.logger(run_id, cfg.logger.mlflow.system_metrics)
        _train(cfg, start, work, output, version, logger)
        runs.log_files(run_id, [output / "config.yaml"])
        if pretrains(cfg):
            runs.log_files(run_id, [output / name for name in ("checkpoint.ckpt", "train")])
            print(f"a pretrained net is not evaluated: init={output / 'checkpoint.ckpt'} uses it")
        elif cfg.evaluate:
            _evaluate(cfg, output)
    # not before: a run that is killed in its evaluation goes on from the trained net
    shutil.rmtree(work)
    print(f"{output} holds what was made; MLflow run {run_id} (`facsimile reproduce run={run_id}`)")


def _work_folder(cfg: DictConfig, output: Path, version: Version) -> Path:
    """Where a killed run resumes from: keyed by config, data and code, so never by another's."""
    if cfg.output is not None:
        return output.parent / f".{output.name}.{version.key}.partial"
    return Path(cfg.paths.work) / f"train-{cfg.name}-{version.key}"


def _train(
    cfg: DictConfig, start: StartingNet | None, work: Path, output: Path, version: Version,
    logger: Any,
) -> None:  # fmt: skip
    import pytorch_lightning as pl
    from hydra.utils import instantiate

    from facsimile.pipelines.training_progress import TrainingProgress

    _hush()
    pl.seed_everything(cfg.seed, workers=True, verbose=False)
    task = build_task(cfg)
    check_batch_norm(cfg, task.get_submodule("net"))
    data_module = instantiate(cfg.task.data_module)
    metadata = _metadata(cfg, version, start)
    callbacks = [*build_callbacks(cfg, work, metadata), *trial_callbacks(cfg), TrainingProgress()]
    trainer = instantiate(
        cfg.trainer, precision=training_precision(cfg), logger=logger, callbacks=callbacks,
        default_root_dir=work,
        # Lightning counts batches between validations, recipes count steps
        val_check_interval=cfg.trainer.val_check_interval * cfg.trainer.accumulate_grad_batches,
    )  # fmt: skip
    resume = work / RESUME if (work / RESUME).is_file() else None
    if start and not resume:
        start.give_to(task.get_submodule("net"))
    trainer.fit(task, data_module, ckpt_path=resume, weights_only=True)
    earlier = start.meta.get("seen") if start else None
    metadata["seen"] = [*getattr(data_module, "seen", ()), *(earlier or ())]
    trainer.save_checkpoint(work / FINAL)  # all processes together
    part()
    if trainer.is_global_zero:
        _write_results(cfg, trainer, work, output, metadata)


def _hush() -> None:
    """What Lightning would say of itself that is no advice here."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    for said in (
        ".*LeafSpec.*",  # its own, against torch 2.14
        ".*sync_dist=True.*",  # what torchmetrics computes is of all processes already
        ".*smaller than the logging interval.*",  # a row is written at the end, too
        ".*`srun` command is available.*",  # one process needs none; docs/cluster.md shows it
    ):
        warnings.filterwarnings("ignore", said)


def build_task(cfg: DictConfig) -> pl.LightningModule:
    """The LightningModule with its net, loss, optimizer, scheduler and metrics injected."""
    from hydra.utils import instantiate

    parts = {name: instantiate(cfg[name]) for name in ("loss", "optimizer", "scheduler", "metrics")}
    task: pl.LightningModule = instantiate(cfg.task.module)(net=instantiate(cfg.model), **parts)
    return task


def build_callbacks(cfg: DictConfig, work: Path, metadata: Mapping[str, Any]) -> list[pl.Callback]:
    """The configured callbacks, those that write bound to the work folder.

    What they show is signed with the net's description, as it will stand in the checkpoint.
    """
    from hydra.utils import instantiate

    previews = str(work / "previews")
    folders: dict[str, dict[str, Any]] = {
        **of_a_job(),
        "resume": {"dirpath": str(work)},
        "rollback": {"folder": str(work / "rollback")},
        "preview": {"folder": previews, "write": partial(write_preview, meta=metadata)},
        "time_lapse": {
            "folder": previews,
            "path": f"{previews}/time_lapse.mp4",
            "write": partial(write_time_lapse, meta=metadata),
        },  # fmt: skip
    }
    chosen = {name: node for name, node in cfg.callbacks.items() if node is not None}
    return [instantiate(node, **folders.get(str(name), {})) for name, node in chosen.items()]


def _write_results(
    cfg: DictConfig, trainer: pl.Trainer, work: Path, output: Path, metadata: dict[str, Any]
) -> None:
    """Checkpoint, curves and previews, each whole or not there."""
    from facsimile.callbacks.history import History

    # clips of an older checkpoint would be evaluated as this one's
    shutil.rmtree(output / "render", ignore_errors=True)
    write_config(cfg, output)
    with atomic_path(output / "checkpoint.ckpt") as path:
        savers = {c.state_key for c in trainer.checkpoint_callbacks}
        _add_metadata(work / FINAL, path, metadata, savers)
    with atomic_folder(output / "train") as folder:
        (folder / "previews").mkdir()
        for picture in sorted((work / "previews").glob("[!.]*")):  # a kill leaves hidden files
            shutil.copy(picture, folder / "previews")
        history = next(c for c in trainer.callbacks if isinstance(c, History))  # type: ignore[attr-defined]
        history.table().to_csv(folder / "curves.csv", index=False)
        write_version(folder, Version(**metadata["version"]))


def _metadata(cfg: DictConfig, version: Version, start: StartingNet | None) -> dict[str, Any]:
    """What inference needs beside the weights; plain values, so that it loads without pickle."""
    sections = resolved(cfg)
    pair = cfg.data.swap_pair if cfg.task.name == "swap" and not pretrains(cfg) else []
    init = start.description() if start else None
    earlier = init["training_data"] if init else []
    return {
        "net": sections["model"],
        "task": cfg.task.name,
        "name": cfg.name,
        "version": asdict(version),
        "data": cfg.data.name,
        "coverage": cfg.params.extract.coverage,
        "image_size": cfg.params.extract.image_size,
        "detector": detector_settings(cfg),
        "crop_size": cfg.task.data_module.get("crop_size"),
        "subjects": dict(zip(("src", "dst"), pair, strict=False)),
        "pretrain": pretrains(cfg),
        "training_data": list(dict.fromkeys([*learnt_data(cfg), *earlier])),
        "consent": learnt_grounds(cfg),
        "init": init,
    }


def _add_metadata(
    source: Path, target: Path, metadata: dict[str, Any], savers: Container[str]
) -> None:
    import torch

    checkpoint = torch.load(source, weights_only=True, mmap=True)  # a second copy has no place
    # what saves checkpoints keeps folders of this machine, which are nobody's business
    states = checkpoint["callbacks"]
    checkpoint["callbacks"] = {key: states[key] for key in states if key not in savers}
    torch.save(checkpoint | {"facsimile": metadata}, target)


def _check_measurable(cfg: DictConfig) -> None:
    from facsimile.pipelines import evaluate

    evaluate.check_measurable(cfg)


def _evaluate(cfg: DictConfig, output: Path) -> None:
    from facsimile.pipelines import evaluate

    cfg.checkpoint = str(output / "checkpoint.ckpt")
    evaluate.run(cfg)
