from functools import partial

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EMAWeightAveraging, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader
from torchmetrics import MetricCollection
from torchmetrics.image import PeakSignalNoiseRatio

from facsimile.data.steps import StepLoader, StepSampler
from facsimile.errors import UserError
from facsimile.metrics.keras_accuracy import KerasAccuracy, keras_accuracy
from facsimile.models.r2unet import R2UNet
from facsimile.tasks.enhancement import Enhancement

STEPS = 6


class Pairs(torch.utils.data.Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, key):
        step, index, _ = key if isinstance(key, tuple) else (0, key, 0)
        generator = torch.Generator().manual_seed(100 * step + index)
        gt = torch.rand(3, 16, 16, generator=generator)
        return gt * 0.5, gt


class Data(pl.LightningDataModule):
    def train_dataloader(self):
        return StepLoader(Pairs(), StepSampler(5, 2, STEPS, 1, self.trainer.global_step))

    def val_dataloader(self):
        return DataLoader(Pairs(), batch_size=2)


def task(compared=("accuracy",), scale=1):
    torch.manual_seed(0)
    return Enhancement(
        net=R2UNet(widths=(4, 8), scale=scale),
        loss=nn.L1Loss(),
        optimizer=partial(torch.optim.AdamW, lr=1e-2),
        scheduler=partial(torch.optim.lr_scheduler.OneCycleLR, max_lr=1e-2, total_steps=STEPS),
        metrics=MetricCollection(
            {"psnr": PeakSignalNoiseRatio(data_range=1.0), "accuracy": KerasAccuracy()}
        ),
        compared=compared,
    )


def fit(folder, stop=STEPS, resume=None):
    module = task()
    trainer = pl.Trainer(
        max_steps=stop, accelerator="cpu", logger=False, enable_progress_bar=False,
        enable_model_summary=False, num_sanity_val_steps=0, val_check_interval=2,
        check_val_every_n_epoch=None, default_root_dir=folder,
        callbacks=[EMAWeightAveraging(decay=0.5),
                   ModelCheckpoint(folder, "last", every_n_train_steps=1, save_top_k=1)],
    )  # fmt: skip
    trainer.fit(module, Data(), ckpt_path=resume, weights_only=True)
    return module, trainer


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return fit(tmp_path_factory.mktemp("whole"))


def test_logs_what_the_curves_need(whole):
    _, trainer = whole
    assert {"train/loss", "val/loss", "val/psnr"} <= set(trainer.callback_metrics)
    rows = ("train", "val", "val/no_op", "val/constant_red")
    assert {f"{row}/accuracy" for row in rows} <= set(trainer.callback_metrics)
    assert not {"train/psnr", "val/no_op/psnr"} & set(trainer.callback_metrics)


def test_learns(whole):
    trained, _ = whole
    lq, gt = next(iter(DataLoader(Pairs(), batch_size=5)))
    with torch.no_grad():
        assert trained.loss(trained.eval()(lq), gt) < trained.loss(task().eval()(lq), gt)


def test_a_resumed_run_ends_bit_identical(whole, tmp_path):
    fit(tmp_path, stop=3)
    resumed, trainer = fit(tmp_path, resume=tmp_path / "last.ckpt")
    assert trainer.global_step == STEPS
    for name, value in whole[0].state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_validation_metric_is_of_clamped_images():
    module = task()
    module.net = nn.Hardtanh(5, 6)
    module.log = lambda *args, **kwargs: None
    module.validation_step((torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)), 0)
    assert module.metrics.compute()["val/psnr"] == float("inf")


def test_preview_shows_three_rows():
    batch = (torch.rand(3, 3, 8, 8), torch.rand(3, 3, 8, 8))
    picture = task().eval().preview(batch, count=2)
    assert picture.shape == (3, 24, 16)
    assert torch.equal(picture[:, :8, :8], batch[0][0])
    assert torch.equal(picture[:, 16:, 8:], batch[1][1])


def test_schedule_goes_by_steps():
    module = task()
    configured = module.configure_optimizers()
    assert configured["lr_scheduler"]["interval"] == "step"
    assert len(configured["optimizer"].param_groups[0]["params"]) == len(
        list(module.net.parameters())
    )


def last(images):
    return images.movedim(1, -1).numpy()


def logged(module, kind, *batch):
    values = {}
    module.log = lambda name, value, **_: values.update({name: float(value)})
    module.log_dict = lambda many, **_: values.update({k: float(v) for k, v in many.items()})
    with torch.no_grad():
        getattr(module, f"{kind}_step")(batch, 0)
        if kind == "validation":
            module.on_validation_epoch_end()
    return values


def test_accuracy_stands_beside_what_costs_nothing():
    module, (lq, gt) = task().eval(), (torch.rand(3, 3, 8, 8) for _ in range(2))
    values = logged(module, "validation", lq, gt)
    red = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand_as(gt)
    preds = module(lq).detach().clamp(0, 1)
    for row, images in {"val": preds, "val/no_op": lq, "val/constant_red": red}.items():
        expected = keras_accuracy(last(images), last(gt))
        assert values[f"{row}/accuracy"] == pytest.approx(expected), row
    assert logged(module, "validation", gt, gt)["val/no_op/accuracy"] == 1.0  # begins anew


def test_a_training_batch_is_measured_by_itself():
    module = task().train()
    for _ in range(2):
        lq, gt = (torch.rand(2, 3, 8, 8) for _ in range(2))
        values = logged(module, "training", lq, gt)
        module.zero_grad()
        with torch.no_grad():
            preds = module.net(lq).clamp(0, 1)
        assert values["train/accuracy"] == pytest.approx(keras_accuracy(last(preds), last(gt)))


def test_what_is_compared_must_be_measured():
    with pytest.raises(UserError, match="compared: sharpness is none of accuracy, psnr"):
        task(compared=["sharpness"])


def test_a_net_that_enlarges_learns_and_is_shown_beside_the_smaller_image():
    module = task(scale=2)
    lq, gt = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 16, 16)
    module.log = module.log_dict = lambda *args, **kwargs: None
    module.training_step((lq, gt), 0).backward()
    assert all(p.grad is not None for p in module.net.parameters())
    module.eval().validation_step((lq, gt), 0)
    picture = module.preview((lq, gt))
    assert picture.shape == (3, 48, 32)
    enlarged = nn.functional.interpolate(lq, scale_factor=2.0, mode="bilinear")
    assert torch.equal(picture[:, :16, :16], enlarged[0])
