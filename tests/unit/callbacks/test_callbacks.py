"""The callbacks in a real, tiny training: what they record and keep."""

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, TensorDataset

from facsimile.callbacks.history import History
from facsimile.callbacks.preview import Preview


class Line(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(1, 1)

    def training_step(self, batch, batch_idx):
        loss = self.net(batch[0]).square().mean()
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val/loss", self.net(batch[0]).square().mean())

    def preview(self, batch):
        return torch.tensor([0.5, -1, 2]).view(3, 1, 1).expand(3, 4, 5)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.01)


def fit(task, callbacks, tmp_path, steps=8, accumulate=1, **options):
    data = DataLoader(TensorDataset(torch.ones(64, 1)), batch_size=4)
    trainer = pl.Trainer(
        max_steps=steps, log_every_n_steps=2, val_check_interval=4, check_val_every_n_epoch=None,
        limit_val_batches=1, num_sanity_val_steps=0, callbacks=callbacks, logger=False,
        enable_checkpointing=False, enable_progress_bar=False, default_root_dir=tmp_path,
        accumulate_grad_batches=accumulate,
    )  # fmt: skip
    trainer.fit(task, data, data, **options)
    return trainer


def test_history_has_a_row_a_logged_step(tmp_path):
    history = History(every=2)
    fit(Line(), [history], tmp_path)
    table = history.table()
    assert table["step"].tolist() == [2, 4, 6, 8]
    assert table["train/loss"].notna().all()
    assert table["train/lr"].tolist() == [0.01] * 4
    assert table["val/loss"].notna().tolist() == [False, True, False, True]


class Counting(Line):
    """Logs a number that is the step's, so that means are known."""

    def training_step(self, batch, batch_idx):
        self.log("train/batch", float(batch_idx))
        return super().training_step(batch, batch_idx)


def test_a_row_holds_the_mean_since_the_row_before(tmp_path):
    history = History(every=4)
    fit(Counting(), [history], tmp_path)
    table = history.table()
    assert table["step"].tolist() == [4, 8]
    assert table["train/batch"].tolist() == [1.5, 5.5]


class Failing(Line):
    """Its number is none in every other batch, and absent in the first four."""

    def training_step(self, batch, batch_idx):
        if batch_idx >= 4:
            self.log("train/batch", float("nan") if batch_idx % 2 else float(batch_idx))
        return super().training_step(batch, batch_idx)


def test_a_mean_leaves_out_what_is_no_number_and_what_was_not_logged(tmp_path):
    history = History(every=8)
    fit(Failing(), [history], tmp_path)
    assert history.table()["train/batch"].dropna().tolist() == [5]


def test_a_mean_goes_over_all_batches_of_steps_that_accumulate(tmp_path):
    history = History(every=2)
    fit(Counting(), [history], tmp_path, steps=4, accumulate=2)
    assert history.table().set_index("step")["train/batch"].to_dict() == {2: 1.5, 4: 5.5}


def test_a_mean_that_a_kill_interrupts_is_whole_in_the_end(tmp_path):
    history, again = History(every=3), History(every=3)
    trainer = fit(Counting(), [history], tmp_path, steps=5)
    trainer.save_checkpoint(tmp_path / "x.ckpt")
    fit(Counting(), [again], tmp_path, steps=6, ckpt_path=tmp_path / "x.ckpt", weights_only=True)
    assert again.table()["train/batch"].dropna().tolist() == [1, 4]


def test_epochs_are_so_many_steps(tmp_path):
    history = History(every=2, epoch=4)
    fit(Line(), [history], tmp_path)
    table = history.table()
    assert table["epoch"].tolist() == [0.5, 1, 1.5, 2]
    assert [*table.columns[:2]] == ["step", "epoch"]


def test_history_survives_a_checkpoint(tmp_path):
    history = History(every=2)
    trainer = fit(Line(), [history], tmp_path)
    trainer.save_checkpoint(tmp_path / "x.ckpt")
    again = History(every=2)
    fit(Line(), [again], tmp_path, steps=12, ckpt_path=tmp_path / "x.ckpt", weights_only=True)
    pd.testing.assert_frame_equal(again.table().head(4), history.table())
    assert again.table()["step"].max() == 12


def test_preview_is_written_at_its_interval(tmp_path):
    written = []
    fit(Line(), [Preview(tmp_path / "x", lambda *one: written.append(one), every=8)], tmp_path)
    [(path, picture, step)] = written
    assert (path, step) == (tmp_path / "x/step_000008.png", 8)
    np.testing.assert_array_equal(picture, np.full((4, 5, 3), (128, 0, 255), np.uint8))
