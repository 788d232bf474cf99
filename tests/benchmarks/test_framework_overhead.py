"""The whole of the framework beside the bare loop: wall time of a training, and its start-up."""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
import pytorch_lightning as pl
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from facsimile.inference.precision import autocast, autocast_dtype
from facsimile.pipelines.train import build_callbacks, build_task
from facsimile.tracking import Tracker

ROOT = Path(__file__).resolve().parents[2]
BLOCK = 25  # steps timed together: the logging interval
BLOCKS = 12
FIRST_STEP = 12.0  # seconds that a command may take to it


class Turns(pl.Callback):
    """Times blocks of the training, and after each the same batches in the bare loop.

    A block begins as its first batch is asked for: reading, logging and callbacks count.
    """

    def __init__(self, bare):
        self.bare, self.pairs, self.start = bare, [], None

    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step % BLOCK:
            return
        if self.start is not None:
            self.pairs.append((perf_counter() - self.start, self.bare()))
        self.start = perf_counter()


@pytest.fixture
def recipe(tmp_path, request, write_noise_faces):
    """The recipe as `train` composes it, on noise laid out like the sample data."""
    write_noise_faces(tmp_path / "data")
    overrides = [f"experiment={request.param}", f"paths.root={tmp_path}", "seed=1"]
    overrides += [f"trainer.max_steps={BLOCK * (BLOCKS + 1)}", "trainer.val_check_interval=100000"]
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        return compose("config", overrides)


@pytest.mark.benchmark
@pytest.mark.parametrize("recipe", ["swap_df", "enhancement_r2unet"], indirect=True)
def test_a_training_takes_at_most_a_twentieth_longer_than_the_bare_loop(recipe, tmp_path):
    pairs = _train(recipe, tmp_path, Turns(_bare_loop(recipe)))
    assert len(pairs) == BLOCKS
    ours, bare = (sum(times) for times in zip(*pairs, strict=True))
    middle = median(one / other for one, other in pairs)
    print(
        f"\n{recipe.name}: {BLOCK * BLOCKS} steps in {ours:.2f} s, bare loop on the same batches "
        f"{bare:.2f} s, ratio {ours / bare:.3f} (of blocks, the median {middle:.3f}), "
        f"threads {torch.get_num_threads()}"
    )
    assert middle <= 1.05


def _train(cfg, folder, turns):
    """The real training, with its callbacks, SQLite and the metrics of the system."""
    pl.seed_everything(cfg.seed, verbose=False)
    precision = "32-true" if autocast_dtype() is None else "bf16-mixed"
    runs = Tracker(f"sqlite:///{folder}/mlflow.db", spool=folder / "spool")
    run = runs.open_run("overhead", "v1")
    logger = runs.logger(run, cfg.logger.mlflow.system_metrics)
    trainer = instantiate(
        cfg.trainer, precision=precision, logger=logger,
        callbacks=[*build_callbacks(cfg, folder / "run", {}), turns], default_root_dir=folder,
        enable_progress_bar=False, limit_val_batches=0,
    )  # fmt: skip
    trainer.fit(build_task(cfg), instantiate(cfg.task.data_module))
    logged = runs.client.get_metric_history(run, "train/loss")
    assert len(logged) == BLOCKS + 1
    return turns.pairs


def _bare_loop(cfg):
    """Makes what times a block of the same net, loss and batches: read, drawn and learned from."""
    torch.manual_seed(cfg.seed)
    task, data = build_task(cfg), instantiate(cfg.task.data_module)
    task.log = lambda *_, **__: None
    optimizer = task.configure_optimizers()["optimizer"]
    data.setup("fit")
    batches = iter(data.train_dataloader())

    def block():
        start = perf_counter()
        for _ in range(BLOCK):
            batch = data.on_after_batch_transfer(next(batches), 0)
            with autocast(autocast_dtype()):
                loss = task.training_step(batch, 0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return perf_counter() - start

    block()
    return block


COMMAND = """
import sys, time
from facsimile.callbacks.history import History
original = History.on_train_batch_end
def note(self, trainer, *rest):
    original(self, trainer, *rest)
    if trainer.global_step == 1:
        print("first step at", time.time(), flush=True)
History.on_train_batch_end = note
from facsimile.pipelines.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.benchmark
@pytest.mark.parametrize("recipe", ["swap_df", "enhancement_r2unet", "detection_frequency"])
def test_a_command_comes_to_its_first_step_soon(recipe, tmp_path, write_noise_faces):
    """The smallest of three: others' work on the machine only adds."""
    write_noise_faces(tmp_path / "data")
    took = []
    for turn in range(3):
        output = [f"output={tmp_path / str(turn)}", f"paths.root={tmp_path}", f"seed={turn}"]
        arguments = ["train", f"experiment={recipe}", "trainer.max_steps=2", "evaluate=false"]
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        environment["MLFLOW_TRACKING_URI"] = f"sqlite:///{tmp_path}/mlflow.db"
        # what imports History in the command's place is imported by the command anyway
        start = time.time()
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *arguments, *output], check=True, cwd=ROOT,
            env=environment, capture_output=True, text=True,
        )  # fmt: skip
        line = next(one for one in done.stdout.splitlines() if one.startswith("first step at"))
        took.append(float(line.rpartition(" ")[2]) - start)
    print(f"\n{recipe}: first step after {', '.join(f'{one:.1f}' for one in took)} s")
    assert min(took) < FIRST_STEP
