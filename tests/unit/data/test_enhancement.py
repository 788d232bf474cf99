import numpy as np
import pandas as pd
import pytest
import torch

from facsimile.data.enhancement import EnhancementData
from facsimile.data.tint import Tint
from facsimile.degradations.chain import Chain
from facsimile.degradations.random_subset import RandomSubset
from facsimile.degradations.salt_and_pepper import SaltAndPepper
from facsimile.degradations.shadow import Shadow
from facsimile.errors import UserError
from facsimile.filters.unsharp import unsharp_mask
from facsimile.media.image import write_image

SPLITS = {"ann": "train", "ben": "train", "val": "val", "test": "test"}
SIZE = {"ann": (40, 50), "ben": (20, 60), "val": (33, 47), "test": (41, 30)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("faces")
    rng, rows = np.random.default_rng(0), []
    for subject, split in SPLITS.items():
        for frame in range(6):
            path = f"images/{subject}/{frame:06d}.png"
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            write_image(root / path, rng.integers(0, 256, (*SIZE[subject], 3), np.uint8))
            rows.append((path, subject, f"{subject}_clip", frame, split))
    columns = ["path", "subject", "clip", "frame", "split"]
    pd.DataFrame(rows, columns=columns).to_parquet(root / "identity.parquet")
    return root


def data_module(folder, **changes):
    arguments = {
        "faces": folder,
        "split": folder / "identity.parquet",
        "light": Tint(0.2, 0.1),
        "degradation": RandomSubset([Shadow(), SaltAndPepper([0.1, 0.2])], [0.2, 0.3, 0.5]),
        "test_degradations": {"noise": SaltAndPepper([0.05, 0.05]), "clean": Chain([])},
        "seed": 3,
        "batch_size": 4,
        "max_steps": 5,
        "crop_size": 32,
        "workers": 0,
    }
    return EnhancementData(**(arguments | changes))


def batches(module):
    module.setup("fit")
    return [module.on_after_batch_transfer(batch, 0) for batch in module.train_dataloader()]


def test_batches_are_what_the_net_wants(folder):
    made = batches(data_module(folder))
    assert len(made) == 5
    for lq, gt in made:
        assert lq.shape == gt.shape == (4, 3, 32, 32)
        assert lq.dtype == gt.dtype == torch.float32
        assert float(lq.min()) >= 0
        assert 0.5 < float(lq.max()) <= 1
        assert lq.is_contiguous(memory_format=torch.channels_last)
        assert not torch.equal(lq, gt)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_nothing(folder, workers):
    alone, helped = batches(data_module(folder)), batches(data_module(folder, workers=workers))
    for (lq, gt), (other_lq, other_gt) in zip(alone, helped, strict=True):
        assert torch.equal(lq, other_lq)
        assert torch.equal(gt, other_gt)


def test_a_resumed_run_sees_what_it_would_have_seen(folder):
    whole = batches(data_module(folder))
    resumed = data_module(folder)
    resumed.trainer = type("Trainer", (), {"global_step": 3, "accumulate_grad_batches": 1})()
    for a, b in zip(whole[3:], batches(resumed), strict=True):
        assert torch.equal(a[0], b[0])
        assert torch.equal(a[1], b[1])


def test_another_seed_draws_otherwise(folder):
    assert not torch.equal(
        batches(data_module(folder))[0][0], batches(data_module(folder, seed=4))[0][0]
    )


def test_training_is_sharpened_and_measuring_is_not(folder):
    module, sharp = data_module(folder), data_module(folder, sharpen_k=1.5, sharpen_sigma=1.0)
    module.setup("fit")
    sharp.setup("fit")
    plain = module.train_crops.images[0]
    assert np.array_equal(sharp.train_crops.images[0], unsharp_mask(plain, 1.5, 1.0))
    assert np.array_equal(sharp.val_crops[0][1], module.val_crops[0][1])
    assert np.array_equal(sharp.test_set()["clean"][0].gt, module.test_set()["clean"][0].gt)


def test_each_split_holds_its_own_people(folder):
    module = data_module(folder, train_per_subject=4, val_per_subject=3, test_per_subject=2)
    module.setup("fit")
    assert (len(module.train_crops), len(module.val_crops)) == (8, 3)
    test_set = module.test_set()
    assert {name: len(pairs) for name, pairs in test_set.items()} == {"noise": 2, "clean": 2}
    assert {pair.subject for pair in test_set["noise"]} == {"test"}
    assert test_set["noise"][0].gt.shape == (41, 30, 3)


def test_validation_is_the_same_every_time(folder):
    one, other = data_module(folder), data_module(folder, seed=99)
    for module in (one, other):
        module.setup("fit")
    assert np.array_equal(one.val_crops[1][0], other.val_crops[1][0])


def test_says_which_split_is_missing(tmp_path):
    with pytest.raises(UserError, match=r"identity.parquet: run `facsimile split`"):
        data_module(tmp_path).setup("fit")


def test_says_which_split_is_empty(folder, tmp_path):
    rows = pd.read_parquet(folder / "identity.parquet")
    rows[rows.split != "test"].to_parquet(tmp_path / "identity.parquet")
    with pytest.raises(UserError, match="has no test images"):
        data_module(folder, split=tmp_path / "identity.parquet").test_set()
