from functools import partial

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EMAWeightAveraging, ModelCheckpoint
from torchmetrics import MetricCollection
from torchmetrics.image import PeakSignalNoiseRatio, StructuralSimilarityIndexMeasure

from facsimile.data.augment import FaceAugmentation
from facsimile.data.steps import StepLoader, StepSampler
from facsimile.data.swap import SwapPairs, SwapSteps, collate_faces, unpack_faces
from facsimile.losses.mask import MaskMSE
from facsimile.losses.multiscale_dssim import MultiscaleDSSIM
from facsimile.losses.pixel_error import PixelError
from facsimile.losses.swap import SwapLoss
from facsimile.losses.true_face import TrueFace
from facsimile.models.code_discriminator import CodeDiscriminator
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.models.liae_autoencoder import LIAEAutoencoder
from facsimile.tasks.swap import FaceSwap

STEPS = 12


def faces(side):
    """Smooth pictures: a gradient whose direction is the person's."""
    ramp = np.linspace(0, 255, 32, dtype=np.float32)
    plane = ramp[None, :, None] if side == "src" else ramp[:, None, None]
    shades = np.random.default_rng(0).uniform(0.4, 1, (6, 1, 1, 3))
    return [np.broadcast_to(plane * shade, (32, 32, 3)).astype(np.uint8) for shade in shades]


class Faces(pl.LightningDataModule):
    """The real data sets on made-up faces; notes every batch that training sees."""

    def train_dataloader(self):
        steps = SwapSteps({side: faces(side) for side in ("src", "dst")}, 32, FaceAugmentation(), 3)
        sampler = StepSampler(len(steps), 2, STEPS, 3, self.trainer.global_step)
        return StepLoader(steps, sampler, collate=collate_faces)

    def val_dataloader(self):
        pairs = SwapPairs({side: faces(side) for side in ("src", "dst")}, 32)
        return torch.utils.data.DataLoader(pairs, 4, collate_fn=collate_faces)

    def on_after_batch_transfer(self, batch, dataloader_idx):
        return unpack_faces(batch)


class Watch(pl.Callback):
    """Keeps the batches, and interrupts where it is told to."""

    def __init__(self, stop_at=None):
        self.batches, self.validated, self.stop_at = {}, [], stop_at

    def on_validation_start(self, trainer, pl_module):
        self.validated.append(trainer.global_step)

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == self.stop_at:
            raise RuntimeError("killed")
        self.batches[trainer.global_step] = [part.clone() for part in batch]


def task(mask_dim=None, lr=2e-3):
    torch.manual_seed(0)
    return FaceSwap(
        net=DFAutoencoder(32, 4, 16, 8, (8, 6, 4), mask_dim),
        loss=SwapLoss(
            {
                "dssim": MultiscaleDSSIM(1.0, windows=[7], outside=0.15),
                "l1": PixelError(torch.nn.L1Loss(reduction="none"), 1.0, 0.15),
                "mask": MaskMSE(1.0),
            }
        ),
        optimizer=partial(torch.optim.AdamW, lr=lr, fused=True),
        scheduler=partial(torch.optim.lr_scheduler.OneCycleLR, max_lr=lr, total_steps=STEPS),
        metrics=MetricCollection({"psnr": PeakSignalNoiseRatio(data_range=1.0)}),
    )


def trainer(folder, *callbacks, every=5, **settings):
    saver = ModelCheckpoint(
        folder, "resume", every_n_train_steps=every, enable_version_counter=False
    )
    return pl.Trainer(
        max_steps=STEPS, accelerator="cpu", logger=False, callbacks=[saver, *callbacks],
        enable_progress_bar=False, enable_model_summary=False, deterministic=True,
        num_sanity_val_steps=0, val_check_interval=4, check_val_every_n_epoch=None,
        log_every_n_steps=1, default_root_dir=folder, **settings,
    )  # fmt: skip


def fit(folder, watch, every, ckpt_path=None):
    trained = task()
    run = trainer(folder, EMAWeightAveraging(decay=0.9), watch, every=every)
    run.fit(trained, Faces(), ckpt_path=ckpt_path, weights_only=True)
    return trained, run


@pytest.mark.parametrize("every", [4, 5])  # validation is every 4 steps: with it, and between
def test_a_killed_run_resumes_to_the_same_batches_and_weights(tmp_path, every):
    undisturbed, before = Watch(), Watch(stop_at=7)
    expected, _ = fit(tmp_path / "whole", undisturbed, every)
    with pytest.raises(RuntimeError, match="killed"):
        fit(tmp_path / "killed", before, every)
    after = Watch()
    resumed, run = fit(tmp_path / "killed", after, every, tmp_path / "killed" / "resume.ckpt")
    assert run.global_step == STEPS
    assert sorted(after.batches) == list(range(every, STEPS))
    assert after.validated == [step for step in undisturbed.validated if step > every]
    for step, batch in after.batches.items():
        pairs = zip(batch, undisturbed.batches[step], strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)
    weights = zip(resumed.net.parameters(), expected.net.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in weights)


def test_loss_falls_and_every_key_is_logged(tmp_path):
    trained = task()
    run = trainer(tmp_path)
    first = _loss_on_black(trained)
    run.fit(trained, Faces())
    assert _loss_on_black(trained) < first
    keys = {"train/loss", "val/loss", "val/psnr"}
    keys |= {f"val/{side}/{key}" for side in ("src", "dst") for key in ("loss", "psnr")}
    assert keys <= set(run.callback_metrics)
    values = run.callback_metrics
    assert values["val/psnr"] == pytest.approx(
        float(values["val/src/psnr"] + values["val/dst/psnr"]) / 2, rel=1e-5
    )
    assert values["val/loss"] == pytest.approx(
        float(values["val/src/loss"] + values["val/dst/loss"]), rel=1e-5
    )


@torch.no_grad()
def _loss_on_black(trained):
    target = torch.from_numpy(faces("src")[0]).permute(2, 0, 1)[None].float() / 255
    return float(trained.loss(*trained(torch.zeros(1, 3, 32, 32), "src"), target))


def test_training_loss_is_the_sum_of_both_sides():
    trained, batch = task(), [torch.rand(2, 3, 32, 32) for _ in range(4)]
    trained.log = lambda *_, **__: None
    total = trained.training_step(tuple(batch), 0)
    sides = [
        trained.loss(*trained(batch[0], "src"), batch[1]),
        trained.loss(*trained(batch[2], "dst"), batch[3]),
    ]
    assert float(total.detach()) == pytest.approx(float(sum(sides).detach()), rel=1e-5)


def test_masks_are_trained_where_the_net_has_them():
    trained = task(mask_dim=2)
    trained.log = lambda *_, **__: None
    batch = [torch.rand(2, channels, 32, 32) for channels in (3, 4, 3, 4)]
    trained.training_step(tuple(batch), 0).backward()
    assert all(p.grad is not None and p.grad.any() for p in trained.net.parameters())


def test_metrics_are_taken_in_full_precision_whatever_the_net_computes_in():
    """A variance in bfloat16 is a difference of numbers with three digits."""
    trained, measured = task(), StructuralSimilarityIndexMeasure(data_range=1.0)
    trained.log = lambda *_, **__: None
    for identity in ("src", "dst"):
        trained.metrics[identity] = MetricCollection({"ssim": measured.clone()})
    x = 0.9 + 0.02 * torch.rand(2, 3, 32, 32)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        trained.validation_step((x, x, x, x), 0)
        preds = trained(x, "src")[0].float()
    expected = float(measured(preds, x))
    assert float(trained.metrics["src"].compute()["ssim"]) == pytest.approx(expected, abs=1e-4)


def test_preview_is_a_grid_of_six_rows():
    batch = tuple(torch.rand(5, 3, 32, 32) for _ in range(4))
    picture = task().preview(batch, count=3)
    assert picture.shape == (3, 6 * 32, 3 * 32)
    assert torch.equal(picture[:, :32, 32:64], batch[1][1])


def adverse(family, widths=(8, 6, 4), **options):
    """A task whose loss compares codes."""
    torch.manual_seed(0)
    true_face = TrueFace(partial(CodeDiscriminator, width=4), weight=0.5)
    trained = FaceSwap(
        net=family(32, 4, 16, 8, widths, **options),
        loss=SwapLoss(
            {"l1": PixelError(torch.nn.L1Loss(reduction="none"), 1.0, 0.15)}, true_face=true_face
        ),
        optimizer=torch.optim.SGD,
        scheduler=partial(torch.optim.lr_scheduler.ConstantLR, factor=1.0),
        metrics=MetricCollection({"psnr": PeakSignalNoiseRatio(data_range=1.0)}),
    )
    trained.log = lambda *_, **__: None
    return trained


@pytest.mark.parametrize("family", [DFAutoencoder, LIAEAutoencoder])
@pytest.mark.parametrize("options", [{}, {"double_resolution": True}, {"deep": True}])
def test_a_discriminator_fits_the_codes_of_any_net(family, options):
    """Its side is the net's to say: 32 pixels make codes of 4, or of 2 with d or t."""
    trained = adverse(family, (8, 6, 4, 4) if "deep" in options else (8, 6, 4), **options)
    trained.training_step(tuple(torch.rand(2, 3, 32, 32) for _ in range(4)), 0).backward()
    told = list(trained.loss.true_face.discriminator.parameters())
    assert told and all(p.grad is not None and p.grad.isfinite().all() for p in told)
    optimizer = trained.configure_optimizers()["optimizer"]
    learning = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert {id(p) for p in told} <= learning


def test_what_the_loss_learns_is_clipped_apart_from_the_net():
    trained = adverse(DFAutoencoder)
    parts = [list(trained.net.parameters()), list(trained.loss.parameters())]
    for part, size in zip(parts, (100.0, 3.0), strict=True):
        for p in part:
            p.grad = torch.full_like(p, size)
    trained.configure_gradient_clipping(torch.optim.SGD(parts[0]), 1.0, "norm")
    norms = [torch.stack([p.grad.norm() for p in part]).norm() for part in parts]
    assert [round(float(norm), 3) for norm in norms] == [1.0, 1.0]


@pytest.mark.parametrize("family", [DFAutoencoder, LIAEAutoencoder])
def test_codes_are_compared_as_they_are_decoded_and_faces_encoded_once(family):
    trained, seen, encoded = adverse(family), [], []
    trained.loss.of_codes = lambda *codes: seen.extend(codes) or torch.zeros(())
    trained.net.encoder.register_forward_hook(lambda *_: encoded.append(1))
    batch = tuple(torch.rand(2, 3, 32, 32) for _ in range(4))
    trained.training_step(batch, 0)
    assert len(encoded) == 1
    for code, faces in zip(seen, batch[::2], strict=True):
        torch.testing.assert_close(code, trained.net.code(trained.net.encode(faces)))


def test_only_the_nets_parameters_are_optimised():
    trained = task()
    optimizer = trained.configure_optimizers()["optimizer"]
    count = sum(p.numel() for group in optimizer.param_groups for p in group["params"])
    assert count == sum(p.numel() for p in trained.net.parameters())
