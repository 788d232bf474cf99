from functools import partial

import pytest
import pytorch_lightning as pl
import torch
from sklearn.metrics import roc_auc_score
from tests.labelled_faces import write_labelled_faces
from torch import nn
from torchmetrics import MetricCollection
from torchmetrics.classification import BinaryAUROC

from facsimile.data.detection import DetectionData
from facsimile.degradations.chain import Chain
from facsimile.models.frequency_net import FrequencyNet
from facsimile.tasks.detection import Detection

STEPS = 40


def task(start=None, steps=STEPS):
    torch.manual_seed(0)
    return Detection(
        net=FrequencyNet(width=4, stages=2, rings=8, dropout=0.0),
        loss=nn.BCEWithLogitsLoss(),
        optimizer=partial(torch.optim.AdamW, lr=1e-2),
        scheduler=partial(torch.optim.lr_scheduler.OneCycleLR, max_lr=1e-2, total_steps=steps),
        metrics=MetricCollection({"auc": BinaryAUROC()}),
        start=start,
    )


def fit(root, stop=STEPS, resume=None, **changes):
    settings = {"data": ["self_blended"], "seed": 1, "batch_size": 8, "workers": 0} | changes
    module = DetectionData(
        root / "faces", root / "splits", degradation=Chain([]), max_steps=STEPS, crop_size=32,
        **settings,
    )  # fmt: skip
    trainer = pl.Trainer(
        max_steps=stop, accelerator="cpu", logger=False, enable_progress_bar=False,
        enable_model_summary=False, num_sanity_val_steps=0, val_check_interval=stop,
        check_val_every_n_epoch=None, default_root_dir=root, enable_checkpointing=False,
    )  # fmt: skip
    trained = task()
    trainer.fit(trained, module, ckpt_path=resume, weights_only=resume and True)
    return trainer, trained


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    write_labelled_faces(folder)
    return folder


def test_it_learns_what_tells_fakes_apart_and_nothing_from_shuffled_labels(root):
    trainer, _ = fit(root)
    assert float(trainer.callback_metrics["val/auc"]) == 1.0
    assert float(trainer.callback_metrics["val/loss"]) < 0.5
    assert float(trainer.callback_metrics["train/loss"]) < 0.5
    shuffled, _ = fit(root, shuffled_labels=True)
    assert float(shuffled.callback_metrics["train/loss"]) > 0.5


def test_the_logged_figure_is_that_of_all_validation_faces(root):
    trainer, trained = fit(root, stop=3)
    faces = trainer.datamodule.val_faces
    pairs = [faces[place] for place in range(len(faces))]
    images = torch.stack([torch.from_numpy(image) for image, _ in pairs])
    trained.eval()
    with torch.inference_mode():
        logits = trained(images.float().div(255).permute(0, 3, 1, 2))
    wanted = roc_auc_score([label for _, label in pairs], logits)
    assert float(trainer.callback_metrics["val/auc"]) == pytest.approx(wanted)


def test_a_resumed_training_ends_where_an_uninterrupted_one_does(root, tmp_path):
    trainer, _ = fit(root, stop=6)
    trainer.save_checkpoint(tmp_path / "half.ckpt")
    _, resumed = fit(root, stop=12, resume=tmp_path / "half.ckpt")
    _, whole = fit(root, stop=12)
    for key, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[key], value, rtol=0, atol=0, msg=key)


def test_the_net_starts_from_what_is_given():
    def ones(net):
        nn.init.ones_(net.head[1].weight)

    assert (task(start=ones).net.head[1].weight == 1).all()
    assert not (task().net.head[1].weight == 1).all()


def test_logits_are_of_full_precision():
    with torch.autocast("cpu", torch.bfloat16):
        logits = task().eval()(torch.rand(2, 3, 16, 16))
    assert logits.dtype == torch.float32 and logits.shape == (2,)
