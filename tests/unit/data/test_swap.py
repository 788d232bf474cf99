from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from facsimile.data.augment import FaceAugmentation
from facsimile.data.colour_augment import Recolouring
from facsimile.data.steps import StepSampler
from facsimile.data.swap import SwapData, SwapSteps
from facsimile.data.swap_faces import CrowdReader, FaceReader
from facsimile.errors import UserError
from facsimile.faces.align import template
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


def alone(**state):
    """What a trainer of one process tells."""
    return SimpleNamespace(global_rank=0, world_size=1, **state)


def batches(data):
    """What the task gets to see."""
    return [data.on_after_batch_transfer(batch, 0) for batch in data.train_dataloader()]


def sample(steps, step, index):
    """Inputs and targets of one index, side by side."""
    inputs, targets = steps.__getitems__([(step, index, 0)])
    return inputs[:, 0], targets[:, 0]


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
    assert not np.array_equal(sample(steps, 0, 1)[0], sample(steps, 1, 1)[0])
    assert np.array_equal(sample(steps, 1, 1)[0], sample(steps, 1, 1)[0])


def test_a_view_is_a_function_of_seed_step_and_index_whatever_comes_with_it(folder):
    steps = module(folder, colour_transfer="lct", fine_share=0.5, eyes_mouth=True).steps
    keys = [(0, 3), (5, 1), (0, 1), (5, 4)]
    together = steps.__getitems__([(*key, 0) for key in keys])
    for place, key in enumerate(keys):
        for part, alone in zip(together, sample(steps, *key), strict=True):
            assert np.array_equal(part[:, place], alone)


def test_a_batch_that_shows_a_face_again_shows_another_view_of_it():
    face = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    steps = SwapSteps({"src": [face], "dst": [face]}, 32, FaceAugmentation(), 1)
    (keys,) = StepSampler(len(steps), 4, 1, 1)
    assert keys == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 0, 3)]
    for views in steps.__getitems__(keys):
        assert len({view.tobytes() for view in views.reshape(8, -1)}) == 8
    for part, alone in zip(steps.__getitems__(keys), sample(steps, 0, 0), strict=True):
        assert np.array_equal(part[:, 0], alone)


def averaged(face, size, draws, fine=8):
    """A straight view whose pixels are means over their whole area, of so many places either way.

    The middle of the view alone, which sees nothing of what lies beyond the crop.
    """
    angle, growth, *move = 2 * draws.numbers[0, :4] - 1
    ticks = (np.arange(size * fine) - (size * fine - 1) / 2) / fine * len(face) / size
    turn = (1 + 0.05 * growth) * np.exp(1j * np.radians(10) * angle)
    places = (ticks + 1j * ticks[:, None]) * turn + (len(face) - 1) / 2 * (1 + 1j)
    places += len(face) * 0.05 * complex(*move)
    looked = cv2.remap(
        face, places.real.astype(np.float32), places.imag.astype(np.float32), cv2.INTER_LINEAR
    )
    means = looked.reshape(size, fine, size, fine, -1).mean((1, 3))
    return means[size // 4 : -size // 4, size // 4 : -size // 4]


@pytest.mark.parametrize("side", [160, 256, 512])
@pytest.mark.parametrize("channels", [3, 5])
def test_a_crop_much_larger_than_the_view_is_averaged_over_its_pixels(side, channels):
    """A chessboard of single pixels on a gradient: by area, the gradient is all that is left."""
    places = np.arange(side)
    board = np.linspace(60, 190, side)[:, None] + (places[:, None] + places) % 2 * 100 - 50
    face = np.dstack([board.astype(np.uint8)] * channels)
    augmentation = FaceAugmentation(flip=0.0, noise=0.0)
    steps = SwapSteps({"src": [face], "dst": [face]}, 64, augmentation, 1)
    for step in range(2):
        _, (target, _) = sample(steps, step, 0)
        rng = np.random.default_rng([1, step, 0])
        rng.random((2, 3))
        expected = averaged(face, 64, augmentation.draw(rng, 2))
        assert np.abs(target[16:-16, 16:-16] - expected).mean() < 2  # bilinear lookups: 13


def test_a_crop_of_up_to_twice_the_views_side_is_left_alone():
    face = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for size in (32, 48, 64):
        steps = SwapSteps({"src": [face], "dst": [face]}, size, FaceAugmentation(), 1)
        assert np.array_equal(steps.faces["src"][0][0], face)


def test_each_side_shows_its_own_faces():
    faces = {
        "src": [np.full((32, 32, 3), 10 * n, np.uint8) for n in range(5)],
        "dst": [np.full((32, 32, 3), 100 + 10 * n, np.uint8) for n in range(3)],
    }
    steps = SwapSteps(faces, 16, FaceAugmentation(noise=0.0), 1)
    seen = [sample(steps, step, n)[1].mean(axis=(1, 2, 3)) for step in range(9) for n in range(5)]
    seen_src, seen_dst = ({round(means[place]) for means in seen} for place in (0, 1))
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
        for (a, _), (b, _) in zip(plain.steps.faces[side], sharp.steps.faces[side], strict=True):
            assert b.std() > a.std()
        for a, b in zip(plain.pairs.faces[side], sharp.pairs.faces[side], strict=True):
            assert np.array_equal(a, b)


def test_masks_come_as_the_targets_fourth_channel(folder):
    batch = batches(module(folder, masks=True, sharpen_k=1.0))[0]
    assert [part.shape[1] for part in batch] == [3, 4, 3, 4]
    mask = batch[1][:, 3]
    assert mask[:, 14:18, 14:18].min() > 0.9
    assert mask[:, 0, 0].max() == 0


def test_the_kind_of_the_mask_is_a_choice_and_tells_the_sides_apart(folder):
    def by_side(face):
        return np.full(face.image.shape[:2], {"src": 0.2, "dst": 0.8}[face.side], np.float32)

    for batch in batches(module(folder, masks=True, mask=by_side)):
        assert torch.allclose(batch[1][:, 3], torch.tensor(0.2))
        assert torch.allclose(batch[3][:, 3], torch.tensor(0.8))


def test_eyes_and_mouth_come_as_the_fifth_and_bring_the_mask(folder):
    still = FaceAugmentation(rotation=0.0, scale=0.0, shift=0.0, flip=0.0)
    marked, plain = (
        module(folder, augmentation=still, resolution=64, **masks)
        for masks in ({"eyes_mouth": True}, {})
    )
    batch, without = batches(marked)[0], batches(plain)[0]
    assert [part.shape[1] for part in batch] == [3, 5, 3, 5]
    assert all(torch.equal(a[:, :3], b) for a, b in zip(batch, without, strict=True))
    eyes_mouth = batch[1][:, 4]
    assert eyes_mouth[:, 25, 22].min() > 0.9  # the right eye
    assert eyes_mouth[:, 36, 32].max() == 0  # the nose
    assert batch[1][:, 3, 36, 32].min() > 0.9
    (held_out,) = (marked.on_after_batch_transfer(b, 0) for b in marked.val_dataloader())
    assert [part.shape[1] for part in held_out] == [3, 5, 3, 5]


def test_the_last_share_of_the_steps_is_not_warped(folder):
    calm = FaceAugmentation(noise=0.0)
    data = module(folder, augmentation=calm, fine_share=0.3)
    warped = [not torch.equal(batch[0], batch[1]) for batch in batches(data)]
    assert warped == [True] * 4 + [False] * 2  # round(.7 * 6)
    usual = batches(module(folder, augmentation=calm))
    for ours, batch in zip(batches(data), usual, strict=True):
        assert torch.equal(ours[1], batch[1])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_resumed_run_sees_the_rest_of_an_undisturbed_one(folder, workers):
    options = {"workers": workers, "fine_share": 0.5, "colour_transfer": "rct"}
    whole = batches(module(folder, **options))
    resumed = module(folder, **options)
    resumed.trainer = alone(global_step=2, accumulate_grad_batches=1)
    rest = batches(resumed)
    assert len(rest) == 4
    for ours, batch in zip(rest, whole[2:], strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours, batch, strict=True))


def test_steps_that_accumulate_take_several_batches(folder):
    data = module(folder)
    data.trainer = alone(global_step=2, accumulate_grad_batches=3)
    data.setup("fit")
    loader = data.train_dataloader()
    assert len(loader) == 18
    assert len(list(loader)) == 12


def test_recoloured_faces_have_the_other_persons_colours():
    def noise(seed, mean):
        rng = np.random.default_rng(seed)
        return rng.normal(mean, 12, (64, 64, 3)).clip(0, 255).astype(np.uint8)

    red, blue = (170, 110, 90), (90, 110, 170)
    faces = {
        "src": [noise(seed, red) for seed in range(3)],
        "dst": [noise(seed, blue) for seed in (3, 4)],
    }
    still = FaceAugmentation(0.0, 0.0, 0.0, flip=0.0, warp=0.0, noise=0.0)
    always = SwapSteps(faces, 64, still, 1, Recolouring("lct", 1.0))
    for step in range(4):
        inputs, targets = sample(always, step, 0)
        assert np.abs(targets[0].mean((0, 1)) - blue).max() < 3
        assert np.abs(targets[1].mean((0, 1)) - red).max() < 3
        assert np.array_equal(inputs, targets)
    now_and_then = SwapSteps(faces, 64, still, 1, Recolouring("lct", 0.5))
    seen = [sample(now_and_then, step, 0)[1][0, ..., 0].mean() > 130 for step in range(40)]
    assert 10 < sum(seen) < 30


@pytest.fixture
def crowd(folder):
    """4 + 2 faces of ann and 3 of bob to train on, 2 of cora's held out, and a fake."""
    people = [("ann", "train", 0)] * 6 + [("bob", "train", 0)] * 3
    people += [("cora", "val", 0)] * 2 + [("ann", "train", 1)]
    rows = []
    for number, (subject, split, label) in enumerate(people):
        path = f"images/{number:06d}.png"
        (folder / path).parent.mkdir(exist_ok=True)
        write_image(folder / path, np.full((64, 64, 3), 10 * number, np.uint8))
        row = {"path": path, "subject": subject, "clip": subject, "frame": number}
        row |= {"split": split, "label": label, "yaw": 0.0, "crop_landmarks": LANDMARKS}
        rows.append(row)
    table = pd.DataFrame(rows)
    table.drop(columns=["yaw", "crop_landmarks"]).to_parquet(folder / "identity.parquet")
    # in another order, and with a face that the split does not have
    more = pd.concat([table, table.iloc[:1].assign(path="images/other.png")])
    columns = ["path", "yaw", "crop_landmarks"]
    more[columns].iloc[::-1].to_parquet(folder / "selected.parquet")
    return crowd_reader(folder, "identity.parquet", "selected.parquet")


def crowd_reader(folder, people, selected):
    return CrowdReader(folder / people, folder / selected, folder, 4, size=64, coverage=1.35)


def test_pretraining_shows_everybodys_real_faces_on_both_sides(folder, crowd):
    data = module(folder, pretrain=True, crowd=crowd, sharpen_k=0.0)
    shown = [[int(face.mean()) for face, _ in data.steps.faces[side]] for side in ("src", "dst")]
    assert shown[0] == [0, 20, 30, 50, 60, 70, 80]  # four of ann's six, all of bob's
    assert sorted(shown[1]) == shown[0] != shown[1]
    (batch,) = (data.on_after_batch_transfer(batch, 0) for batch in data.val_dataloader())
    assert torch.equal(batch[1], batch[3])
    assert [round(float(face.mean()) * 255) for face in batch[1]] == [90, 100]


def test_pretraining_has_the_masks_too(folder, crowd):
    batch = batches(module(folder, pretrain=True, crowd=crowd, eyes_mouth=True))[0]
    assert [part.shape[1] for part in batch] == [3, 5, 3, 5]
    assert batch[1][:, 3].max() == batch[1][:, 4].max() == 1


def test_held_out_faces_come_at_the_nets_size_with_their_masks(folder):
    data = module(folder, resolution=32, eyes_mouth=True)
    (batch,) = (data.on_after_batch_transfer(batch, 0) for batch in data.val_dataloader())
    assert [part.shape[1:] for part in batch] == [(3, 32, 32), (5, 32, 32)] * 2
    assert batch[1][:, 3].max() > 0.9 and batch[1][:, 4].max() > 0.9


def test_a_picture_that_was_kept_as_it_is_gets_aligned(folder, crowd):
    table = pd.read_parquet(folder / "selected.parquet")
    path = "images/000000.png"
    kept = np.zeros((80, 60, 3), np.uint8)
    places = (template(64, 1.35) * 0.5 + [10, 30]).astype(np.float32)
    for x, y in places.round().astype(int):
        kept[y - 1 : y + 2, x - 1 : x + 2] = 255
    write_image(folder / path, kept)
    table["crop_landmarks"] = [
        places.ravel() if row.path == path else row.crop_landmarks for row in table.itertuples()
    ]
    table.to_parquet(folder / "selected.parquet")
    (face,) = (face for face in crowd.read("train") if face.max() == 255)
    assert face.shape == (64, 64, 3)
    for x, y in template(64, 1.35).round().astype(int):
        assert face[y, x].min() > 200


def test_without_pretraining_nobody_reads_the_crowd(folder):
    nowhere = crowd_reader(folder, "none", "none")
    assert len(batches(module(folder, crowd=nowhere))) == 6


def test_pretraining_needs_a_crowd_and_faces_of_it(folder, crowd):
    with pytest.raises(ValueError, match="crowd"):
        module(folder, pretrain=True)
    with pytest.raises(UserError, match="no real faces in the split test"):
        crowd.read("test")


def test_a_split_without_faces_is_named(folder):
    with pytest.raises(UserError, match="no faces of data_dst in the split test"):
        FaceReader(folder / "swap.parquet", folder).read("dst", "test")


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(UserError, match=r"swap\.parquet"):
        FaceReader(tmp_path / "swap.parquet", tmp_path).read("src", "train")
