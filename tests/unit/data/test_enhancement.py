from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from facsimile.data.enhancement import EnhancementData
from facsimile.data.steps import numbered
from facsimile.data.tint import Tint
from facsimile.degradations.chain import Chain
from facsimile.degradations.random_subset import RandomSubset
from facsimile.degradations.salt_and_pepper import SaltAndPepper
from facsimile.degradations.shadow import Shadow
from facsimile.errors import UserError
from facsimile.filters.unsharp import unsharp_mask
from facsimile.media.image import read_image, write_image

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


def validation(module):
    return [module.on_after_batch_transfer(batch, 0) for batch in module.val_dataloader()]


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
    state = {"global_step": 3, "accumulate_grad_batches": 1, "global_rank": 0, "world_size": 1}
    resumed.trainer = SimpleNamespace(**state)
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


def test_each_split_holds_its_own_people(folder):
    module = data_module(folder, train_per_subject=4, val_per_subject=3)
    module.setup("fit")
    assert (len(module.train_crops), len(module.val_crops)) == (8, 3)


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
    rows[rows.split != "val"].to_parquet(tmp_path / "identity.parquet")
    with pytest.raises(UserError, match="has no val images"):
        data_module(folder, split=tmp_path / "identity.parquet").setup("fit")


def test_a_face_that_comes_twice_in_a_batch_is_drawn_anew(folder):
    module = data_module(folder)
    module.setup("fit")
    crops = module.train_crops
    twice = crops.__getitems__(numbered(4, [1, 0, 1, 1]))
    alone = [crops.__getitems__([key])[0] for key in ((4, 1, 0), (4, 0, 0))]
    for pair, expected in zip(twice, alone, strict=False):  # the first stays what it was
        assert all(np.array_equal(a, b) for a, b in zip(pair, expected, strict=True))
    seen = {pair[0].tobytes() + pair[1].tobytes() for pair in twice}
    assert len(seen) == 4


def test_a_batch_larger_than_the_data_repeats_no_crop(folder):
    [batch] = batches(data_module(folder, batch_size=40, max_steps=1))  # of 12 faces
    assert len({lq.numpy().tobytes() for lq in batch[0]}) == 40


def test_a_net_that_doubles_sees_halved_crops(folder):
    plain, halved = data_module(folder), data_module(folder, scale=2)
    pairs = list(zip(batches(plain), batches(halved), strict=True))
    pairs += list(zip(validation(plain), validation(halved), strict=True))
    for (lq, gt), (small, same) in pairs:
        assert torch.equal(gt, same)
        assert small.shape == (*lq.shape[:2], 16, 16)
        means = lq.unflatten(3, (16, 2)).unflatten(2, (16, 2)).mean((3, 5))
        assert float((small - means).abs().max()) <= 0.51 / 255


def test_a_crop_that_does_not_shrink_evenly_is_refused(folder):
    with pytest.raises(UserError, match="crop_size=33: give a multiple of 2"):
        data_module(folder, scale=2, crop_size=33)


def test_images_are_stretched_before_they_are_cropped(folder):
    module = data_module(folder, image_size=64, crop_size=64, mirror=0.0, light=Tint(0.0, 0.0))
    module.setup("fit")
    module.train_crops.degradation = Chain([])
    for index, subject in enumerate(["ann"] * 6 + ["ben"] * 6):
        image = read_image(folder / f"images/{subject}/{index % 6:06d}.png")
        expected = cv2.resize(image, (64, 64))
        [(lq, gt)] = module.train_crops.__getitems__([(0, index, 0)])
        assert np.array_equal(gt, expected) and np.array_equal(lq, expected)
    assert module.val_crops[0][1].shape == (64, 64, 3)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_so_many_crops_are_mirrored(folder, share):
    module = data_module(folder, image_size=32, mirror=share, light=Tint(0.0, 0.0))
    module.setup("fit")
    images = module.train_crops.images
    crops = module.train_crops.__getitems__(numbered(0, list(range(12))))
    for index, (_, gt) in enumerate(crops):
        assert np.array_equal(gt, images[index][:, ::-1] if share else images[index])
