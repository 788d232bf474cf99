import numpy as np
import pandas as pd
import pytest
import torch

from facsimile.data.augment import FaceAugmentation
from facsimile.data.swap import FaceReader, SwapData, SwapSteps
from facsimile.errors import UserError
from facsimile.media.image import write_image

LANDMARKS = np.array([22, 25, 42, 25, 32, 36, 24, 47, 40, 47], np.float32)


@pytest.fixture
def folder(tmp_path):
    """5 + 2 faces of src, 3 + 3 of dst, of 64 pixels: noise, each with its own brightness."""
    rows = []
    for side, split, count in (
        ("src", "train", 5), ("src", "val", 2), ("dst", "train", 3), ("dst", "val", 3),
    ):  # fmt: skip
        for number in range(count):
            path = f"data_{side}/{split}_{number:06d}.png"
            rng = np.random.default_rng([len(rows)])
            (tmp_path / path).parent.mkdir(exist_ok=True)
            image = rng.integers(20, 200, (64, 64, 3), dtype=np.uint8)
            write_image(tmp_path / path, image)
            rows.append({"path": path, "split": split, "yaw": 0.0, "crop_landmarks": LANDMARKS})
    pd.DataFrame(rows).to_parquet(tmp_path / "swap.parquet")
    return tmp_path


def module(folder, **changes):
    arguments = {"resolution": 32, "batch_size": 2, "max_steps": 6, "seed": 1, "workers": 0}
    data = SwapData(folder / "swap.parquet", folder, **arguments | changes)
    data.setup("fit")
    return data


def batches(data):
    """What the task gets to see."""
    return [data.on_after_batch_transfer(batch, 0) for batch in data.train_dataloader()]


def test_batches_are_four_images_channels_last_in_range(folder):
    made = batches(module(folder))
    assert len(made) == 6
    for batch in made:
        assert [tuple(part.shape) for part in batch] == [(2, 3, 32, 32)] * 4
        for part in batch:
            assert part.dtype == torch.float32 and part.min() >= 0 and part.max() <= 1
            assert part.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_depend_on_seed_and_step_alone(folder, workers):
    settings = ({}, {"workers": workers}, {"seed": 2})
    first, again, other = (batches(module(folder, **changes)) for changes in settings)
    for a, b, c in zip(first, again, other, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
        assert not torch.equal(a[0], c[0])


def test_a_step_sees_another_view_of_the_same_face(folder):
    steps = module(folder).steps
    assert not np.array_equal(steps[0, 1][0], steps[1, 1][0])
    assert np.array_equal(steps[1, 1][0], steps[1, 1][0])


def test_each_side_shows_its_own_faces():
    faces = {
        "src": [np.full((32, 32, 3), 10 * n, np.uint8) for n in range(5)],
        "dst": [np.full((32, 32, 3), 100 + 10 * n, np.uint8) for n in range(3)],
    }
    steps = SwapSteps(faces, 16, FaceAugmentation(noise=0.0), 1)
    seen = [steps[step, n].mean(axis=(1, 2, 3)) for step in range(9) for n in range(5)]
    seen_src, seen_dst = ({round(means[place]) for means in seen} for place in (1, 3))
    assert seen_src == {0, 10, 20, 30, 40}
    assert seen_dst == {100, 110, 120}


def test_validation_is_the_faces_themselves(folder):
    data = module(folder, sharpen_k=2.0)
    (batch,) = (data.on_after_batch_transfer(batch, 0) for batch in data.val_dataloader())
    assert len(batch[0]) == 2
    faces = FaceReader(folder / "swap.parquet", folder).read("src", "val")
    reduced = faces[0].reshape(32, 2, 32, 2, 3).astype(np.float32).mean((1, 3)) / 255
    assert np.abs(batch[0][0].permute(1, 2, 0).numpy() - reduced).max() < 0.003
    assert torch.equal(batch[0], batch[1])


def test_sharpening_touches_what_is_trained_on(folder):
    plain, sharp = module(folder), module(folder, sharpen_k=1.0)
    for side in ("src", "dst"):
        for a, b in zip(plain.steps.faces[side], sharp.steps.faces[side], strict=True):
            assert b.std() > a.std()
        for a, b in zip(plain.pairs.faces[side], sharp.pairs.faces[side], strict=True):
            assert np.array_equal(a, b)


def test_masks_come_as_the_targets_fourth_channel(folder):
    batch = batches(module(folder, masks=True, sharpen_k=1.0))[0]
    assert [part.shape[1] for part in batch] == [3, 4, 3, 4]
    mask = batch[1][:, 3]
    assert mask[:, 14:18, 14:18].min() > 0.9
    assert mask[:, 0, 0].max() == 0


def test_a_split_without_faces_is_named(folder):
    with pytest.raises(UserError, match="no faces of data_dst in the split test"):
        FaceReader(folder / "swap.parquet", folder).read("dst", "test")


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(UserError, match=r"swap\.parquet"):
        FaceReader(tmp_path / "swap.parquet", tmp_path).read("src", "train")
