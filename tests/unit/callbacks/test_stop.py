"""Lightning's own rule for stopping, as conf/callbacks/stop composes it, in steps and resumed."""

import pytest
import torch
from pytorch_lightning.callbacks import EarlyStopping, EMAWeightAveraging


class Watched(EarlyStopping):
    """Keeps the steps at which it looked."""

    seen: list

    def on_validation_end(self, trainer, pl_module):
        self.seen.append(trainer.global_step)
        super().on_validation_end(trainer, pl_module)


def stop(patience=2):
    # nothing is ever a gain
    rule = Watched("val/loss", patience=patience, min_delta=1e9)
    rule.seen = []
    return rule


def test_it_counts_validations_within_one_epoch(fit, make_task):
    rule = stop(patience=3)
    trainer = fit(make_task(), [rule], steps=40, val=4)
    # the first sets the mark, three more gain nothing
    assert trainer.global_step == 16 and rule.seen == [4, 8, 12, 16]


@pytest.mark.parametrize("every", [5, 8])  # between validations, and with one
def test_a_resumed_run_stops_where_an_undisturbed_one_does(
    every, fit, make_task, power_cut, tmp_path
):
    whole = fit(make_task(), [stop(4)], "whole", steps=60, val=4, every=every)
    with pytest.raises(RuntimeError, match="killed"):
        fit(make_task(), [stop(4), power_cut(11)], "parted", steps=60, val=4, every=every)
    resumed = fit(
        make_task(), [stop(4)], "parted", steps=60, val=4, every=every,
        ckpt_path=tmp_path / "parted/resume.ckpt",
    )  # fmt: skip
    assert resumed.global_step == whole.global_step


def test_a_run_that_had_stopped_does_not_train_on(fit, make_task, tmp_path):
    stopped, resumed = make_task(), make_task()
    whole = fit(stopped, [EMAWeightAveraging(decay=0.9), stop()], steps=60, val=4)
    again = fit(
        resumed, [EMAWeightAveraging(decay=0.9), stop()], steps=60, val=4,
        ckpt_path=tmp_path / "run/resume.ckpt",
    )  # fmt: skip
    assert not resumed.losses and again.global_step == whole.global_step == 12
    pairs = zip(stopped.parameters(), resumed.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
