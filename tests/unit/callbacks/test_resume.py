import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EMAWeightAveraging

from facsimile.callbacks.history import History


class Watch(pl.Callback):
    def __init__(self):
        self.validated, self.trained = [], []

    def on_validation_start(self, trainer, pl_module):
        self.validated.append(trainer.global_step)

    def on_train_batch_end(self, trainer, *_):
        self.trained.append(trainer.global_step)


@pytest.mark.parametrize("every", [3, 4, 5])
@pytest.mark.parametrize("killed", [9, 12, 13])
def test_a_resumed_run_validates_and_records_what_an_undisturbed_one_does(
    every, killed, fit, make_task, power_cut, tmp_path
):
    expected, resumed, before, after = make_task(), make_task(), History(2), History(2)
    undisturbed, watch = Watch(), Watch()
    fit(expected, [undisturbed, before], "whole", every=every, val=4)
    with pytest.raises(RuntimeError, match="killed"):
        fit(make_task(), [History(2), power_cut(killed)], "parted", every=every, val=4)
    saved = tmp_path / "parted/resume.ckpt"
    step = torch.load(saved, weights_only=True)["global_step"]
    assert step == max(n for n in range(1, killed + 1) if n % every == 0 or n % 4 == 0)
    fit(resumed, [watch, after], "parted", every=every, val=4, ckpt_path=saved)
    assert watch.validated == [n for n in undisturbed.validated if n > step]
    assert watch.trained == [n for n in undisturbed.trained if n > step]
    assert after.rows == before.rows
    pairs = zip(expected.parameters(), resumed.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_run_killed_in_its_validation_validates_again(fit, make_task, tmp_path):
    class KilledInValidation(pl.Callback):
        def on_validation_batch_end(self, trainer, *_):
            if trainer.global_step == 8:
                raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        fit(make_task(), [KilledInValidation()], "parted", every=4, val=4)
    watch = Watch()
    fit(make_task(), [watch], "parted", every=4, val=4, ckpt_path=tmp_path / "parted/resume.ckpt")
    assert watch.validated == [8, 12, 16, 20]


@pytest.mark.parametrize("validated", [3, 4, 6])  # at some steps' ends, in their midst, at all
@pytest.mark.parametrize(("killed", "saved"), [(3, 2), (5, 4), (9, 8)])
def test_gradients_that_accumulate_are_never_lost(
    validated, killed, saved, fit, make_task, power_cut, tmp_path
):
    def train(name, callbacks, task, **more):
        callbacks = [EMAWeightAveraging(decay=0.9, update_every_n_steps=2), *callbacks]
        settings = {"steps": 12, "every": 2, "val": validated, "accumulate_grad_batches": 3}
        return fit(task, callbacks, name, **settings, **more)

    expected, resumed, before, after = make_task(), make_task(), History(2), History(2)
    train("whole", [before], expected)
    with pytest.raises(RuntimeError, match="killed"):
        train("parted", [History(2), power_cut(killed)], make_task())
    path = tmp_path / "parted/resume.ckpt"
    assert torch.load(path, weights_only=True)["global_step"] >= saved
    train("parted", [after], resumed, ckpt_path=path)
    pairs = zip(expected.parameters(), resumed.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert after.rows == before.rows and sorted(after.rows)[0] > 0


def test_it_knows_no_path_of_this_machine(fit, make_task, tmp_path):
    fit(make_task(), [], every=4)
    assert str(tmp_path).encode() not in (tmp_path / "run/resume.ckpt").read_bytes()
