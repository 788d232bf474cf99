"""The estimate before a tiny training: its figures, that it changes nothing, what it refuses."""

from functools import partial

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EMAWeightAveraging
from torch.utils.data import DataLoader, TensorDataset

from facsimile.callbacks import estimate as module
from facsimile.callbacks.estimate import Estimate, Memory, try_optimizer
from facsimile.errors import UserError
from facsimile.optimizers.adabelief import AdaBelief

WIDTH = 32


class Wide(pl.LightningModule):
    def __init__(self, optimizer=torch.optim.Adam):
        super().__init__()
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(
            torch.nn.Linear(8, WIDTH), torch.nn.BatchNorm1d(WIDTH), torch.nn.Linear(WIDTH, 1)
        )
        self.optimizer = partial(optimizer, lr=1e-2)

    def training_step(self, batch, batch_idx):
        loss = (self.net(batch[0]) - batch[1]).square().mean()
        self.log("train/loss", loss.detach())
        return loss

    def configure_optimizers(self):
        return self.optimizer(self.parameters())


def fit(task, callbacks, tmp_path, steps=4, **more):
    x = torch.rand(64, 8, generator=torch.Generator().manual_seed(0))
    loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), 16)
    trainer = pl.Trainer(
        max_steps=steps, accelerator="cpu", logger=False, callbacks=callbacks,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        default_root_dir=tmp_path, log_every_n_steps=1, **more,
    )  # fmt: skip
    trainer.fit(task, loader)
    return trainer


@pytest.mark.parametrize(
    ("make", "bytes_each"),
    [(torch.optim.SGD, 0), (torch.optim.AdamW, 8), (AdaBelief, 8)],
)
def test_optimizers_state_is_measured(make, bytes_each):
    sample = torch.zeros(1000)
    state, seconds = try_optimizer(partial(make, lr=1e-3), sample)
    assert state == bytes_each and seconds > 0 and not sample.any()


def test_memory_is_added_up_by_what_it_is_for(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(Estimate, "_refuse", lambda self, memory, *_: seen.append(memory))
    task = Wide()
    fit(task, [EMAWeightAveraging(decay=0.9), Estimate(1, lambda line: None)], tmp_path, 1)
    weights = 4 * sum(p.numel() for p in task.parameters())
    buffers = sum(b.numel() * b.element_size() for b in task.buffers())
    [memory] = seen
    assert memory.gradients == weights and memory.optimizer == 2 * weights
    assert memory.parameters == memory.average == weights + buffers
    # of every sample at least the input, the normalisation's input and its output
    least = 16 * 4 * (8 + 2 * WIDTH)
    assert least <= memory.activations < 2 * module.BACKWARD * least
    assert memory.kernels == module.KERNELS + weights
    assert memory.total == sum(vars(memory).values()) > 5 * weights


def test_a_copy_of_the_state_and_a_pass_take_turns():
    # what a save writes is first put together in memory: weights, average and optimizer's state
    small, large = Memory(10, 10, 20, 10, 15, kernels=5), Memory(10, 10, 20, 10, 55, kernels=5)
    assert (small.copy, small.total) == (40, 10 + 2 * 40)
    assert (large.copy, large.total) == (40, 10 + 40 + 60)
    assert "copy" in str(small)
    with pytest.raises(UserError, match="still to take"):
        Estimate()._refuse(small, 69, resumed=False)
    Estimate()._refuse(small, 70, resumed=False)
    Estimate()._refuse(small, 50, resumed=True)


def test_a_step_takes_as_many_passes_as_batches_accumulate(tmp_path, monkeypatch):
    monkeypatch.setattr(Estimate, "_seconds", lambda *_: 1.0)
    monkeypatch.setattr(module, "try_optimizer", lambda *_: (8.0, 0.0))
    lines = []
    fit(Wide(), [Estimate(1, lines.append)], tmp_path, accumulate_grad_batches=3)
    assert lines[1].startswith("time: 4 steps of 3000 ms, about 12 s")


def test_training_goes_as_without(tmp_path):
    plain, told, lines = Wide(), Wide(), []
    fit(plain, [], tmp_path)
    trainer = fit(told, [Estimate(2, lines.append)], tmp_path)
    before, after = plain.state_dict(), told.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert "train/loss" in trainer.callback_metrics
    assert lines[0].startswith("memory: ") and "MB free" in lines[0]
    assert lines[1].startswith("time: 4 steps of ")


def test_what_cannot_fit_is_refused_before_a_step(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "free_memory", lambda device: 5000)
    task = Wide()
    before = {name: value.clone() for name, value in task.state_dict().items()}
    with pytest.raises(UserError, match=r"does not fit.*are free; lower.*batch_size"):
        fit(task, [Estimate(1, lambda line: None)], tmp_path)
    assert all(torch.equal(value, before[name]) for name, value in task.state_dict().items())


def test_what_a_resumed_optimizer_has_is_not_asked_for_again():
    memory = Memory(0, 100, 200, 0, 300, kernels=50)
    with pytest.raises(UserError):
        Estimate()._refuse(memory, 649, resumed=False)
    Estimate()._refuse(memory, 650, resumed=False)
    Estimate()._refuse(memory, 450, resumed=True)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(59.0, "59 s"), (130.0, "2 min"), (3590.0, "1 h 0 min"), (7500.0, "2 h 5 min")],
)
def test_time_is_said_in_words(seconds, said):
    assert module._clock(seconds) == said
