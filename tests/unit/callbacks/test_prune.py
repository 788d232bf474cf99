from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import pytorch_lightning as pl
import torch

from facsimile.callbacks.prune import Prune
from facsimile.errors import Pruned, UserError

MODULE = Mock(spec=pl.LightningModule)


def trainer(value, step=7, zero=True):
    return Mock(
        spec=pl.Trainer, callback_metrics={"val/auc": torch.tensor(value)}, global_step=step,
        is_global_zero=zero, sanity_checking=False,
        strategy=SimpleNamespace(broadcast=lambda stop: stop),
    )  # fmt: skip


def test_a_validation_is_reported_and_the_answer_obeyed():
    told = []
    prune = Prune("val/auc", lambda value, step: (told.append((value, step)), value < 0.5)[1])
    prune.on_validation_end(trainer(0.75), MODULE)
    with pytest.raises(Pruned, match=r"val/auc was 0.25 at step 9"):
        prune.on_validation_end(trainer(0.25, 9), MODULE)
    assert told == [(0.75, 7), (0.25, 9)]


def test_only_one_of_several_processes_reports_and_all_stop():
    prune = Prune("val/auc", lambda *_: pytest.fail("reported twice"))
    other = trainer(0.1, zero=False)
    prune.on_validation_end(other, MODULE)
    other.strategy.broadcast = lambda _: True
    with pytest.raises(Pruned):
        prune.on_validation_end(other, MODULE)


def test_a_metric_that_is_not_measured_is_named():
    with pytest.raises(UserError, match="sweep.prune.metric=val/acu: validations measure val/auc"):
        Prune("val/acu", lambda *_: False).on_validation_end(trainer(1.0), MODULE)
