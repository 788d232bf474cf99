"""What learning rate dropout does to every optimizer that has it."""

import io
import warnings
from functools import partial

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, TensorDataset

from facsimile.optimizers.adabelief import AdaBelief
from facsimile.optimizers.adam import Adam
from facsimile.optimizers.adamw import AdamW
from facsimile.optimizers.lr_dropout import update_mask

OPTIMIZERS = [AdaBelief, partial(Adam, fused=True), partial(AdamW, fused=True), AdamW]


def net(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten(), torch.nn.Linear(16, 2))


def gradients(model, step):
    x = torch.randn(5, 3, 4, 4, generator=torch.Generator().manual_seed(step))
    model.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    return loss


def train(model, optimizer, steps, start=0):
    for step in range(start, start + steps):
        gradients(model, step)
        optimizer.step()


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_step_is_the_whole_one_where_chosen_and_none_elsewhere(make):
    ours, plain = net(), net()
    thinned = make(ours.parameters(), lr=0.01, lr_dropout=0.3, seed=3)
    whole = make(plain.parameters(), lr=0.01)
    for step in range(1, 6):
        before = [p.detach().clone() for p in ours.parameters()]
        plain.load_state_dict(ours.state_dict())
        for model, optimizer in ((ours, thinned), (plain, whole)):
            gradients(model, step)
            optimizer.step()
        chosen = update_mask(before, 0.3, 3, step)
        for p, full, old, mask in zip(
            ours.parameters(), plain.parameters(), before, chosen, strict=True
        ):
            assert torch.equal(p, torch.where(mask, full, old)) and not torch.equal(p, full)


@pytest.mark.parametrize("kind", [Adam, AdamW])
def test_without_dropout_it_is_torchs_own(kind):
    ours, theirs = net(), net()
    train(ours, kind(ours.parameters(), lr=0.01, weight_decay=0.1), 3)
    own = getattr(torch.optim, kind.__name__)
    train(theirs, own(theirs.parameters(), lr=0.01, weight_decay=0.1), 3)
    assert all(
        torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True)
    )


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_closure_is_asked_for_gradients_first(make):
    one, other = net(), net()
    train(one, make(one.parameters(), lr_dropout=0.5), 1)
    loss = make(other.parameters(), lr_dropout=0.5).step(lambda: gradients(other, 0))
    assert loss.item() > 0
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_parameter_without_gradient_stays(make):
    used, unused = (torch.nn.Parameter(torch.ones(300)) for _ in range(2))
    used.grad = torch.ones(300)
    make([used, unused], lr_dropout=0.5).step()
    assert torch.equal(unused, torch.ones(300)) and 50 < (used < 1).sum() < 250


def test_the_chosen_share_is_updated_and_the_rest_is_not():
    p = torch.nn.Parameter(torch.zeros(20000))
    p.grad = torch.ones(20000)
    AdaBelief([p], lr_dropout=0.3).step()
    assert (p != 0).float().mean().item() == pytest.approx(0.3, abs=0.02)


def test_the_choice_is_a_function_of_seed_and_step():
    p = [torch.zeros(1000), torch.zeros(50, 20)]
    draw = [mask.flatten() for mask in update_mask(p, 0.5, 1, 1)]
    assert all(
        torch.equal(a, b.flatten()) for a, b in zip(draw, update_mask(p, 0.5, 1, 1), strict=True)
    )
    assert not torch.equal(draw[0], draw[1])
    for other in ((2, 1), (1, 2), (1 + 2**32, 1), (1, 1 + 2**32)):
        assert not torch.equal(draw[0], update_mask(p, 0.5, *other)[0])


def test_the_draw_leaves_the_global_generator_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    update_mask([torch.zeros(10)], 0.5, 1, 1)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_resumes_to_the_bit(make):
    whole, parted = net(), net()
    options = {"lr": 1e-3, "lr_dropout": 0.3, "seed": 5}
    train(whole, make(whole.parameters(), **options), 9)
    first = make(parted.parameters(), **options)
    train(parted, first, 4)
    file = io.BytesIO()
    torch.save([parted.state_dict(), first.state_dict()], file)
    file.seek(0)
    weights, state = torch.load(file, weights_only=True)
    resumed = net(seed=1)
    resumed.load_state_dict(weights)
    second = make(resumed.parameters(), **options)
    second.load_state_dict(state)
    train(resumed, second, 5, start=4)
    pairs = zip(whole.parameters(), resumed.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


class Plane(pl.LightningModule):
    def __init__(self, optimizer):
        super().__init__()
        self.net, self.optimizer, self.norms = net(), optimizer, []

    def training_step(self, batch, batch_idx):
        return 1e3 * self.net(batch[0]).square().mean()

    def on_before_zero_grad(self, optimizer):
        norms = [p.grad.norm() for p in self.net.parameters() if p.grad is not None]
        self.norms += [float(torch.stack(norms).norm())] if norms else []

    def configure_optimizers(self):
        return self.optimizer(self.net.parameters())


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_gradients_are_clipped_in_mixed_precision(make, tmp_path):
    task, data = Plane(make), TensorDataset(torch.rand(8, 3, 4, 4))
    trainer = pl.Trainer(
        max_steps=2, accelerator="cpu", precision="bf16-mixed", gradient_clip_val=0.5, logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        default_root_dir=tmp_path,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.fit(task, DataLoader(data, 4))
    assert task.norms[-1] == pytest.approx(0.5, rel=1e-2)


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_is_a_share(share):
    with pytest.raises(ValueError, match="lr_dropout is a share"):
        AdamW([torch.nn.Parameter(torch.zeros(1))], lr_dropout=share)
