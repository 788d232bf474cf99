import math
from functools import partial

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.distance import cosine as cosine_distance
from skimage.metrics import peak_signal_noise_ratio
from tests.tiny_test_sets import tiny_sets
from torch import nn
from torch.nn import functional

from facsimile.data.tables import write_parquet
from facsimile.errors import UserError
from facsimile.evaluation.enhancement import (
    PER_IMAGE,
    constant_red,
    enlarging,
    every_so_many,
    measure_filters,
    measure_net,
    restore,
)
from facsimile.evaluation.test_pairs import DegradedPairs
from facsimile.filters.median import median
from facsimile.filters.no_op import no_op
from facsimile.media.image import write_image

FILTERS = {"no_op": np.copy, "median3": partial(median, size=3), "constant_red": constant_red}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    root, rng, rows = tmp_path_factory.mktemp("sets"), np.random.default_rng(0), []
    for number, split in enumerate(("test", "test", "test", "val")):
        image = rng.integers(90, 110, (24 + 4 * (number > 1), 20, 3), np.uint8)
        write_image(root / f"{number}.png", image)
        rows.append((f"{number}.png", f"{number}", "a", number, split))
    columns = ["path", "subject", "clip", "frame", "split"]
    pd.DataFrame(rows, columns=columns).to_parquet(root / "identity.parquet")
    sets = tiny_sets()
    list(sets.write(sets.photos(root / "identity.parquet"), root, root / "degraded"))
    return DegradedPairs(root / "degraded", root)


def read(path):
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def filtered(pairs, rows):
    return pd.DataFrame([row for some in measure_filters(FILTERS, pairs, rows) for row in some])


def test_every_filter_is_measured_on_every_picture(pairs, tmp_path):
    rows = pairs.rows("test")
    measured = filtered(pairs, rows)
    assert len(measured) == 3 * len(rows) == 3 * (2 * 3 + 2)
    assert set(measured["path"]) == {"0.png", "1.png", "2.png"}
    write_parquet(tmp_path / "a.parquet", measured, PER_IMAGE)
    assert [*pd.read_parquet(tmp_path / "a.parquet")] == PER_IMAGE.names


def test_psnr_is_of_the_picture_in_the_file_against_the_face(pairs):
    rows = pairs.rows("test")
    measured = filtered(pairs, rows)
    untouched = measured[measured.method == "no_op"].reset_index(drop=True)
    for (_, row), psnr in zip(rows.iterrows(), untouched.psnr, strict=True):
        lq, gt = read(pairs.folder / row["path"]), read(pairs.faces / row["gt"])
        if np.array_equal(lq, gt):
            assert row["degradation"] == "clean" and psnr == np.inf
        else:
            assert psnr == pytest.approx(peak_signal_noise_ratio(gt, lq, data_range=255))


def test_a_slow_filter_is_run_on_the_marked_pictures_only(pairs):
    rows = pairs.rows("test")
    marked = every_so_many(rows, 2)
    assert rows[marked].groupby("degradation")["gt"].apply(list).to_dict() == {
        "clean": ["0.png", "2.png"], "noise": ["0.png", "2.png"],
    }  # fmt: skip
    counts = filtered(pairs, rows.assign(median3=marked)).method.value_counts()
    assert counts.to_dict() == {"no_op": len(rows), "constant_red": len(rows), "median3": 4}


def test_pixel_cosine_is_of_the_picture_in_the_file_against_the_face(pairs):
    rows = pairs.rows("test")
    measured = filtered(pairs, rows).query("method == 'no_op'")
    for (_, row), found in zip(rows.iterrows(), measured["pixel_cosine"], strict=True):
        files = pairs.folder / row["path"], pairs.faces / row["gt"]
        angle = cosine_distance(*(read(file).ravel().astype(float) for file in files))
        assert found == pytest.approx(1 - angle)


def looked_at(rows, every):
    places = [np.zeros((5, 2), np.float32) if one else None for one in every_so_many(rows, every)]
    return rows.assign(landmarks=places)


def test_an_embedder_looks_at_the_pictures_with_landmarks_those_restored_and_those_before(pairs):
    """This one gives the mean colour, so that red alone is anybody else."""

    def mean_colour(image, landmarks):
        return image.mean((0, 1))

    rows = looked_at(pairs.rows("test"), 2)
    measured = [*measure_filters(FILTERS, pairs, rows, [mean_colour] * 2)]
    table = pd.DataFrame([row for some in measured for row in some])
    seen = table[table["identity_cosine"].notna()]
    assert {*seen["degradation"]} == {"clean", "noise"} and {*seen["path"]} == {"0.png", "2.png"}
    assert len(seen) == 2 * 2 * len(FILTERS)
    for (_, row), [*pictures] in zip(rows.iterrows(), measured, strict=True):
        if row["landmarks"] is not None:
            gt, lq = read(pairs.faces / row["gt"]), read(pairs.folder / row["path"])
            wanted = 1 - cosine_distance(gt.mean((0, 1)), lq.mean((0, 1)))
            assert pictures[0]["identity_cosine"] == pytest.approx(wanted, abs=1e-6)
            assert pictures[2]["identity_cosine"] == pytest.approx(1 / math.sqrt(3), abs=0.01)
    net = pd.DataFrame([*measure_net(nn.Identity(), pairs, rows, [mean_colour])])
    untouched = table[table.method == "no_op"].reset_index(drop=True)
    pd.testing.assert_series_equal(net["identity_cosine"], untouched["identity_cosine"])
    assert "identity_cosine" not in filtered(pairs, pairs.rows("test"))


def test_a_net_that_does_nothing_scores_as_the_no_op(pairs):
    rows = pairs.rows("test")
    net = pd.DataFrame([*measure_net(nn.Identity(), pairs, rows)])
    untouched = filtered(pairs, rows).query("method == 'no_op'").reset_index(drop=True)
    assert set(net.method) == {"net"}
    pd.testing.assert_frame_equal(net.drop(columns="method"), untouched.drop(columns="method"))


def test_batch_normalisation_is_in_evaluation_mode(pairs):
    net = nn.Sequential(nn.BatchNorm2d(3))
    before = net[0].running_mean.clone()
    list(measure_net(net, pairs, pairs.rows("test")))
    assert torch.equal(net[0].running_mean, before)


def test_restoring_keeps_order_and_sizes_and_clamps():
    class Brighter(nn.Module):
        def forward(self, x):
            return x + 0.5

    images = [np.full((4 + i // 3, 5, 3), 40 * i, np.uint8) for i in range(6)]
    restored = restore(images, Brighter(), batch=2)
    assert [r.shape for r in restored] == [i.shape for i in images]
    assert [int(r[0, 0, 0]) for r in restored] == [128, 168, 208, 248, 255, 255]


def test_constant_red_is_red():
    assert constant_red(np.ones((1, 2, 3), np.uint8)).tolist() == [[[255, 0, 0]] * 2]


@pytest.fixture(scope="module")
def halved(pairs):
    return DegradedPairs(pairs.folder, pairs.faces, 2)


def means(image):
    height, width = (side // 2 for side in image.shape[:2])
    return image.reshape(height, 2, width, 2, 3).mean((1, 3))


def test_pictures_made_smaller_are_means_under_a_name_that_says_so(pairs, halved):
    whole, rows = pairs.rows("test"), halved.rows("test")
    assert set(whole["degradation"]) == {"clean", "noise", "blur"}
    assert list(rows["degradation"]) == [f"{name}_x2" for name in whole["degradation"]]
    columns = whole.columns.drop("degradation")
    pd.testing.assert_frame_equal(rows[columns], whole[columns])
    for (_, row), pair in zip(rows.iterrows(), halved.read(rows), strict=True):
        lq = read(halved.folder / row["path"])
        assert np.abs(pair.lq - means(lq)).max() <= 0.5
        assert np.array_equal(pair.gt, read(halved.faces / row["gt"]))


def test_a_last_row_and_column_that_cannot_be_halved_are_left_out(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (25, 19, 3), np.uint8)
    write_image(tmp_path / "a.png", image)
    rows = pd.DataFrame({"path": ["a.png"], "gt": ["a.png"], "subject": ["a"]})
    [pair] = DegradedPairs(tmp_path, tmp_path, 2).read(rows)
    assert np.array_equal(pair.gt, image[:24, :18])
    assert np.abs(pair.lq - means(image[:24, :18])).max() <= 0.5


def test_a_net_that_enlarges_is_measured_on_the_whole_faces(halved):
    rows = halved.rows("test")
    measured = pd.DataFrame([*measure_net(nn.Upsample(scale_factor=2), halved, rows)])
    for psnr, pair in zip(measured.psnr, halved.read(rows), strict=True):
        repeated = pair.lq.repeat(2, 0).repeat(2, 1)
        assert psnr == pytest.approx(peak_signal_noise_ratio(pair.gt, repeated, data_range=255))
    assert (measured["pixels"] == [pair.gt[..., 0].size for pair in halved.read(rows)]).all()


def test_what_is_enlarged_is_looked_at_where_the_whole_face_is(halved):
    rows = looked_at(halved.rows("test"), 2)
    sizes = {pair.gt.shape for pair in halved.read(rows[rows["landmarks"].notna()])}
    seen = []

    def size(image, landmarks):
        seen.append(image.shape)
        return np.ones(2)

    measured = [*measure_net(nn.Upsample(scale_factor=2), halved, rows, [size])]
    assert {*seen} == sizes and len(seen) == 2 * rows["landmarks"].notna().sum()
    found = pd.DataFrame(measured)["identity_cosine"]
    assert list(found.notna()) == list(rows["landmarks"].notna())


def test_a_filter_is_followed_by_bicubic_enlargement():
    image = np.random.default_rng(0).integers(0, 256, (9, 14, 3), np.uint8)
    x = torch.from_numpy(np.invert(image).transpose(2, 0, 1)[None].astype(np.float32))
    wanted = functional.interpolate(x, scale_factor=2, mode="bicubic")[0].clamp(0, 255)
    found = enlarging(np.invert, 2)(image)
    assert found.dtype == np.uint8
    assert np.abs(found - wanted.permute(1, 2, 0).numpy()).max() <= 1
    assert enlarging(no_op, 1) is no_op


def test_portions_are_all_pairs_in_order(pairs, monkeypatch):
    monkeypatch.setattr("facsimile.evaluation.test_pairs.AT_ONCE", 3)
    rows = pairs.rows("test")
    portions = list(pairs.portions(rows))
    assert [len(those) for _, those in portions] == [3, 3, 2]
    assert [pair.path for _, those in portions for pair in those] == list(rows["gt"])


def test_says_which_stage_is_missing(tmp_path):
    with pytest.raises(UserError, match="run `facsimile degrade`"):
        DegradedPairs(tmp_path, tmp_path).rows("test")
