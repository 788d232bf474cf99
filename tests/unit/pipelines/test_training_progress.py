"""The lines of a training: of its steps, and of each validation."""

import threading

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ProgressBar

from facsimile.media import progress
from facsimile.pipelines.training_progress import TrainingProgress


class Task(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def training_step(self, batch, batch_idx):
        self.log("train/loss", 0.25, prog_bar=True)
        return self.weight.sum()

    def validation_step(self, batch, batch_idx):
        self.log("val/psnr", 30.5, prog_bar=True)
        self.log("val/unseen", 1.0)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def fit(tmp_path, bar, task=None):
    data = torch.utils.data.DataLoader(torch.zeros(40, 1))
    trainer = pl.Trainer(
        max_steps=6, max_epochs=-1, val_check_interval=6, check_val_every_n_epoch=None,
        accumulate_grad_batches=2, limit_val_batches=3, log_every_n_steps=2, callbacks=[bar],
        num_sanity_val_steps=0, logger=False, enable_checkpointing=False, accelerator="cpu",
        enable_model_summary=False, default_root_dir=tmp_path,
    )  # fmt: skip
    assert [type(one) for one in trainer.callbacks if isinstance(one, ProgressBar)] == [type(bar)]
    trainer.fit(task or Task(), data, data)


def test_steps_are_counted_and_validations_stay(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(progress, "LOGGED", -1.0)  # every advance is told
    fit(tmp_path, TrainingProgress())
    told = capsys.readouterr().err.splitlines()
    steps = [line for line in told if line.startswith("train: ")]
    assert [line.split()[1] for line in dict.fromkeys(steps)][-1] == "6"
    assert "train: 4 of 6 train/loss 0.25" in told
    assert "validate: 3 of 3 " in told
    assert [line for line in told if line.startswith("step ")] == [
        "step 3: val/psnr 30.5",
        "step 6: val/psnr 30.5",
    ]


def test_another_process_shows_nothing(tmp_path, capsys):
    bar = TrainingProgress()
    bar.disable()
    fit(tmp_path, bar)
    assert "train" not in capsys.readouterr().err


def test_an_error_leaves_no_line_open(tmp_path):
    class Failing(Task):
        def validation_step(self, batch, batch_idx):
            raise RuntimeError("out of luck")

    before = {*threading.enumerate()}
    with pytest.raises(RuntimeError, match="out of luck"):
        fit(tmp_path, TrainingProgress(), Failing())
    for thread in {*threading.enumerate()} - before:  # rich draws in one
        thread.join(5)
        assert not thread.is_alive()
