"""A tiny training whose data is a function of the step, as the real data modules' is."""

import warnings

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset

from facsimile.callbacks.resume import Resume

STEPS = 1000  # as many as there are; a training ends before


class Steps(Dataset):
    """Batches of their numbers from the trainer's step on; declares a state, like StepLoader."""

    def __init__(self, start, stop):
        self.range = range(start, stop)

    def __len__(self):
        return len(self.range)

    def __getitem__(self, index):
        step = self.range[index]
        return torch.randn(4, 3, generator=torch.Generator().manual_seed(step)), step


class Loader(DataLoader):
    def __len__(self):
        return STEPS

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


class Data(pl.LightningDataModule):
    def train_dataloader(self):
        start = self.trainer.global_step * self.trainer.accumulate_grad_batches
        return Loader(Steps(start, STEPS), batch_size=None)

    def val_dataloader(self):
        return DataLoader(Steps(5000, 5001), batch_size=None)


class Tiny(pl.LightningModule):
    """Fits a plane; `spoil` maps a batch's number to what its loss is multiplied by."""

    def __init__(self, spoil=None, optimizer=torch.optim.AdamW, scheduler=None, lr=0.05):
        super().__init__()
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(
            torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)
        )
        self.spoil, self.lr, self.scheduler = spoil or {}, lr, scheduler
        self.optimizer = lambda params: optimizer(params, lr=lr)
        self.losses, self.rates = {}, {}

    def training_step(self, batch, batch_idx):
        x, step = batch
        loss = (self.net(x) - x.sum(dim=1, keepdim=True)).square().mean()
        loss = loss * self.spoil.get(int(step), 1.0)
        self.losses[int(step)] = float(loss.detach())
        if self._trainer is not None:
            self.rates[int(step)] = self.trainer.optimizers[0].param_groups[0]["lr"]
        self.log("train/loss", loss.detach())
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val/loss", self.net(batch[0]).square().mean())

    def configure_optimizers(self):
        optimizer = self.optimizer(self.net.parameters())
        if self.scheduler is None:
            return optimizer
        schedule = {"scheduler": self.scheduler(optimizer), "interval": "step"}
        return {"optimizer": optimizer, "lr_scheduler": schedule}


class PowerCut(pl.Callback):
    def __init__(self, step):
        self.step = step

    def on_train_batch_start(self, trainer, *_):
        if trainer.global_step == self.step:
            raise RuntimeError("killed")


@pytest.fixture
def make_task():
    return Tiny


@pytest.fixture
def power_cut():
    return PowerCut


@pytest.fixture
def fit(tmp_path):
    """Trains; `ckpt_path` resumes. Saves every `every` steps to tmp_path/<name>/resume.ckpt."""

    def fit(task, callbacks, name="run", steps=20, every=1000, val=1000, ckpt_path=None, **more):
        saver = Resume(tmp_path / name, every_n_train_steps=every)
        trainer = pl.Trainer(
            max_steps=steps, accelerator="cpu", logger=False, callbacks=[*callbacks, saver],
            enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
            val_check_interval=val, check_val_every_n_epoch=None, log_every_n_steps=1,
            default_root_dir=tmp_path / name, **more,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of returns, and of Lightning about small things
            trainer.fit(task, Data(), ckpt_path=ckpt_path, weights_only=True)
        return trainer

    return fit
