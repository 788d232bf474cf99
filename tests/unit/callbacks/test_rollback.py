"""Divergence in a real, tiny training: what is taken back, what goes on, and when it is refused."""

from functools import partial
from unittest.mock import MagicMock

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EMAWeightAveraging
from torch.optim.lr_scheduler import ConstantLR, OneCycleLR

from facsimile.callbacks.rollback import Rollback
from facsimile.errors import UserError
from facsimile.optimizers.adabelief import AdaBelief

NAN = float("nan")
CONSTANT = partial(ConstantLR, factor=1.0, total_iters=0)
ONE_CYCLE = partial(OneCycleLR, max_lr=0.05, total_steps=1000)


def rollback(folder, **settings):
    usual = {"every": 3, "window": 4, "patience": 2, "limit": 2, "spike": 20.0}
    return Rollback(folder, **(usual | settings))


def snapshot(folder, step):
    return torch.load(folder / f"step_{step:06d}.ckpt", weights_only=True)


def test_a_quiet_training_is_left_alone(fit, make_task, tmp_path):
    plain, watched = make_task(), make_task()
    fit(plain, [], "plain")
    guard = rollback(tmp_path / "snapshots")
    fit(watched, [guard], "watched")
    pairs = zip(plain.parameters(), watched.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert guard.returns == [] and guard.snapshots == [15, 18]
    assert len(list((tmp_path / "snapshots").iterdir())) == 3


def test_weights_and_optimizer_return_to_the_proven_snapshot(fit, make_task, tmp_path):
    task, guard = make_task({10: NAN}), rollback(tmp_path / "snapshots")
    trainer = fit(task, [guard], steps=11)
    # spoilt at its eleventh step; of the snapshots of 6 and 9 only 6 was followed by good steps
    assert guard.returns == [[11, 6]]
    kept = snapshot(tmp_path / "snapshots", 6)
    assert all(torch.equal(v, kept["state_dict"][k]) for k, v in task.state_dict().items())
    state = trainer.optimizers[0].state_dict()["state"]
    for key, values in kept["optimizer_states"][0]["state"].items():
        assert all(torch.equal(state[key][name], value) for name, value in values.items())


def test_trouble_at_once_returns_to_the_beginning(fit, make_task, tmp_path):
    task, guard = make_task({1: NAN}), rollback(tmp_path / "snapshots")
    before = {name: value.clone() for name, value in task.state_dict().items()}
    fit(task, [guard], steps=2)
    assert guard.returns == [[2, 0]]
    assert all(torch.equal(value, before[name]) for name, value in task.state_dict().items())


@pytest.mark.parametrize("schedule", [None, CONSTANT, ONE_CYCLE])
def test_the_rate_is_lower_for_good_and_follows_its_schedule(schedule, fit, make_task, tmp_path):
    plain = make_task(scheduler=schedule)
    fit(plain, [], "plain")
    task = make_task({7: NAN, 14: NAN}, scheduler=schedule)
    fit(task, [rollback(tmp_path / "snapshots", factor=0.5)], "spoilt")
    for step, rate in plain.rates.items():
        scale = 1.0 if step < 8 else 0.5 if step < 15 else 0.25
        assert task.rates[step] == pytest.approx(scale * rate, rel=1e-9)


def test_collapse_needs_several_steps_on_end(fit, make_task, tmp_path):
    once = rollback(tmp_path / "once", patience=3)
    fit(make_task({7: 1e6, 8: 1e6}, lr=1e-3), [once], "a")
    assert once.returns == []
    longer = rollback(tmp_path / "longer", patience=3)
    fit(make_task({7: 1e6, 8: 1e6, 9: 1e6}, lr=1e-3), [longer], "b")
    assert longer.returns == [[10, 3]]


def judged(losses, folder):
    """Whether each loss of a training was found to be trouble."""
    guard = Rollback(folder, every=10**9)
    guard._go_back = lambda trainer, module, loss: guard.returns.append([0, 0])
    trainer, module = MagicMock(spec=pl.Trainer), MagicMock(spec=pl.LightningModule)
    trainer.strategy.reduce = lambda loss, reduce_op: loss
    seen = []
    for trainer.global_step, loss in enumerate(losses, 1):
        guard.on_train_batch_end(trainer, module, torch.tensor(loss))
        seen.append(bool(guard.returns))
    return seen


@pytest.mark.parametrize("offset", [0.0, -2.0, -10.0])
def test_a_loss_may_fall_below_zero_and_collapse_there(offset, tmp_path):
    steps = np.arange(600)
    noise = np.random.default_rng(0).normal(0, 0.05, 600)
    falling = 1.0 + offset - 3 * steps / 600 + noise
    assert not any(judged(falling.tolist(), tmp_path))
    collapsed = np.where(steps < 500, falling, falling + 15.0)
    assert judged(collapsed.tolist(), tmp_path).index(True) == 509


def test_no_snapshot_is_kept_of_a_suspicious_step(fit, make_task, tmp_path):
    guard = rollback(tmp_path / "snapshots", patience=9)
    fit(make_task({8: 1e6}, lr=1e-3), [guard], steps=10)
    assert guard.snapshots == [3, 6]


def test_the_average_returns_too(fit, make_task, tmp_path):
    task, guard = make_task({10: NAN}), rollback(tmp_path / "snapshots")
    fit(task, [EMAWeightAveraging(decay=0.9), guard])
    assert guard.returns == [[11, 6]]
    assert all(p.isfinite().all() for p in task.parameters())


def test_enough_is_enough(fit, make_task, tmp_path):
    task = make_task(dict.fromkeys(range(7, 20), NAN))
    with pytest.raises(UserError, match=r"step 10, after 2 returns.*optimizer\.lr"):
        fit(task, [rollback(tmp_path / "snapshots")])


def test_a_lost_snapshot_is_told(fit, make_task, tmp_path):
    class Lose(Rollback):
        def _go_back(self, *arguments):
            for path in self.folder.iterdir():
                path.unlink()
            super()._go_back(*arguments)

    with pytest.raises(UserError, match="is gone"):
        fit(make_task({7: NAN}), [Lose(tmp_path / "snapshots", every=3)])


@pytest.mark.parametrize("killed", [9, 13, 17])  # before, just after and well after a return
@pytest.mark.parametrize("optimizer", [torch.optim.AdamW, partial(AdaBelief, lr_dropout=0.5)])
def test_a_killed_run_resumes_to_the_same_weights(
    killed, optimizer, fit, make_task, power_cut, tmp_path
):
    def build():
        return make_task({10: NAN, 15: NAN}, optimizer, ONE_CYCLE)

    def callbacks(name):
        return [EMAWeightAveraging(decay=0.9), rollback(tmp_path / name / "snapshots")]

    whole, resumed, after = build(), build(), callbacks("parted")
    before = callbacks("whole")
    fit(whole, before, "whole", every=4)
    with pytest.raises(RuntimeError, match="killed"):
        fit(build(), [*callbacks("parted"), power_cut(killed)], "parted", every=4)
    fit(resumed, after, "parted", every=4, ckpt_path=tmp_path / "parted/resume.ckpt")
    pairs = zip(whole.parameters(), resumed.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert after[1].state_dict() == before[1].state_dict()
    assert len(after[1].returns) == 2


def test_no_gradient_outlasts_a_return(fit, make_task, tmp_path):
    # the second of the three batches of step 5: what the first and it left would spoil the step
    task, guard = make_task({13: NAN}), rollback(tmp_path / "snapshots")
    fit(task, [guard], steps=8, accumulate_grad_batches=3)
    assert guard.returns == [[4, 0]]
    assert all(p.isfinite().all() for p in task.parameters())
