"""What Lightning, the data module, EMA and logging cost beside a bare PyTorch loop."""

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

CONF = Path(__file__).resolve().parents[2] / "conf"
BLOCK = 25  # steps timed together: the logging interval, so that each block logs once
BLOCKS = 12


class Turns(pl.Callback):
    """Times blocks of training, and after each one a block of the bare loop.

    A machine's speed drifts by a tenth within a minute; neighbours a second apart see the same.
    """

    def __init__(self, bare):
        self.bare, self.pairs, self.start = bare, [], None

    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step % BLOCK:
            return
        if self.start is not None:
            ours = perf_counter() - self.start
            self.pairs.append((ours, self.bare()))
        self.start = perf_counter()


@pytest.fixture
def recipe(tmp_path, request, write_noise_faces):
    """The recipe as `train` composes it, on noise laid out like the sample data."""
    write_noise_faces(tmp_path / "data")
    overrides = [f"experiment={request.param}", f"paths.root={tmp_path}", "seed=1"]
    overrides += [f"trainer.max_steps={BLOCK * (BLOCKS + 1)}", "trainer.val_check_interval=100000"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", overrides)


@pytest.mark.benchmark
@pytest.mark.parametrize("recipe", ["swap_df", "enhancement_r2unet"], indirect=True)
def test_training_costs_at_most_a_tenth_more_than_a_bare_loop(recipe, tmp_path):
    pairs = _train(recipe, tmp_path / "run", Turns(_bare_loop(recipe)))
    ratio = median(ours / bare for ours, bare in pairs)
    ours, bare = (1e3 * median(times) / BLOCK for times in zip(*pairs, strict=True))
    print(
        f"\n{recipe.name}: {ours:.1f} ms a step, bare loop {bare:.1f} ms, "
        f"ratio {ratio:.3f}, threads {torch.get_num_threads()}"
    )
    assert len(pairs) == BLOCKS
    assert ratio <= 1.10


def _train(cfg, folder, turns):
    """The real training: what it took for each block, and the bare loop after it."""
    pl.seed_everything(cfg.seed, verbose=False)
    precision = "32-true" if autocast_dtype() is None else "bf16-mixed"
    runs = Tracker(f"sqlite:///{folder.parent}/mlflow.db")
    trainer = instantiate(
        cfg.trainer, precision=precision, logger=runs.logger(runs.open_run("speed", folder.name)),
        callbacks=[*build_callbacks(cfg, folder, {}), turns], default_root_dir=folder,
        enable_progress_bar=False, limit_val_batches=0,
    )  # fmt: skip
    trainer.fit(build_task(cfg), instantiate(cfg.task.data_module))
    return turns.pairs


def _bare_loop(cfg):
    """Makes what times a block of the same net and loss on one batch in memory."""
    torch.manual_seed(cfg.seed)
    task, data = build_task(cfg), instantiate(cfg.task.data_module)
    task.log = lambda *_, **__: None
    optimizer = task.configure_optimizers()["optimizer"]
    data.setup("fit")
    batch = data.on_after_batch_transfer(next(iter(data.train_dataloader())), 0)

    def block():
        start = perf_counter()
        for _ in range(BLOCK):
            with autocast(autocast_dtype()):
                loss = task.training_step(batch, 0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return perf_counter() - start

    block()
    return block
