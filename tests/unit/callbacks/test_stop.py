"""Lightning's own rule for stopping, as conf/callbacks/stop composes it, in steps and resumed."""

import pytest
from pytorch_lightning.callbacks import EarlyStopping


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
