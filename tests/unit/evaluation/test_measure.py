import math

import numpy as np
import pandas as pd
import pytest
from skimage.metrics import peak_signal_noise_ratio
from tests.photographs import photograph
from tests.skimage_ssim import skimage_map

from facsimile.evaluation.measure import MEASURES, measure_items, measure_pair
from facsimile.evaluation.measure_matching import Pair
from facsimile.evaluation.measure_regions import Eyes, regions_of
from facsimile.evaluation.measure_summary import reasons, summarise
from facsimile.faces.detect import Face
from facsimile.media.video import Frame
from facsimile.metrics.ms_ssim import ms_ssim
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import ssim

LANDMARKS = np.array([[30, 40], [60, 40], [45, 55], [33, 70], [57, 70]], np.float32)
BOX = (20.0, 15.0, 50.0, 70.0)


class Finder:
    """A detector that finds what it is told, by the mean of the picture's first pixel."""

    def __init__(self, found):
        self.found = found

    def __call__(self, image):
        return self.found.get(int(image[0, 0, 0]), [])


def face(x=0.0, y=0.0, box=BOX):
    moved = (box[0] + x, box[1] + y, *box[2:])
    return Face(moved, LANDMARKS + np.float32([x, y]), 0.9)


ONE, MOVED = [face()], [face(2.0)]


def eyes(ours=ONE, theirs=MOVED, every=1):
    def embed(image, landmarks):
        angle = landmarks[0, 0] / 100
        return np.array([math.cos(angle), math.sin(angle)], np.float32)

    return Eyes(Finder({1: ours, 2: theirs}), embed, every)


def pair(index=0, size=200, noise=20, item="a"):
    """A picture that the finder knows as 1, and a noisy one that it knows as 2."""
    reference = photograph(index, size)[:, : size - 9]
    rng = np.random.default_rng(index)
    distorted = np.clip(reference + rng.normal(0, noise, reference.shape), 0, 255).astype(np.uint8)
    reference[0, 0], distorted[0, 0] = 1, 2
    return Pair(item, Frame(index, index / 25, reference), Frame(index, index / 25, distorted))


def measured(one, looking=None, before=None, after=None):
    return measure_pair((before, one, after), looking).record


def test_the_whole_frame_is_what_independent_libraries_say():
    one = pair()
    distorted, reference = one.images
    record = measured(one, eyes())
    assert record["frame/ssim_rgb"] == pytest.approx(
        skimage_map(distorted, reference).mean(), abs=1e-6
    )
    assert record["frame/ssim_grey"] == pytest.approx(skimage_map(*one.greys).mean(), abs=1e-6)
    assert record["frame/psnr"] == pytest.approx(peak_signal_noise_ratio(reference, distorted))
    assert record["frame/ms_ssim"] == pytest.approx(ms_ssim(*one.greys))
    assert record["frame/pixel_cosine"] < 1


def test_the_face_is_its_box_alone():
    one = pair()
    record = measured(one, eyes())
    box = np.s_[15:85, 20:70]
    distorted, reference = (image[box] for image in one.images)
    assert record["face/ssim_rgb"] == pytest.approx(ssim(distorted, reference), abs=1e-7)
    assert record["face/psnr"] == psnr(distorted, reference)
    assert math.isnan(record["face/ms_ssim"])


def test_the_background_does_not_see_the_faces():
    one = pair()
    changed = pair()
    changed.distorted.image[15:85, 20:72] = 0  # both boxes
    before, after = (measured(each, eyes()) for each in (one, changed))
    keys = [key for key in MEASURES if key.startswith("background/")]
    same = ("ssim", "psnr", "pixel")
    assert all(before[key] == after[key] for key in keys if key.partition("/")[2].startswith(same))
    assert after["face/psnr"] < before["face/psnr"] and after["frame/psnr"] < before["frame/psnr"]
    where = np.ones(one.images[0].shape[:2], bool)
    where[15:85, 20:72] = False
    assert before["background/ssim_grey"] == pytest.approx(ssim(*one.greys, where=where))


def test_a_moved_face_has_errors_of_place_and_identity():
    record = measured(pair(), eyes(theirs=[face(3.0)]))
    assert record["face/landmark_error"] == pytest.approx(0.1, abs=1e-6)
    assert record["face/pose_error"] == pytest.approx(0, abs=1e-3)
    assert record["face/identity_cosine"] == pytest.approx(math.cos(0.03), abs=1e-6)
    assert (record["reference_faces"], record["distorted_faces"]) == (1, 1)


def test_of_several_faces_the_one_at_the_same_place_is_compared():
    crowd = [face(90.0, 60.0), face(1.0)]
    record = measured(pair(), eyes(theirs=crowd))
    assert record["face/landmark_error"] == pytest.approx(1 / 30, abs=1e-6)
    regions = regions_of(pair(), eyes(theirs=crowd))
    assert not regions.background[100:140, 120:150].any()


@pytest.mark.parametrize(
    ("looking", "missing", "unmatched"),
    [
        (eyes(ours=[]), "reference", "reference"),
        (eyes(theirs=[]), "", "distorted"),
        (eyes(theirs=[face(60.0, 60.0)]), "", "distorted"),
        (eyes(ours=[face(box=(20.0, 20.0, 9.0, 30.0))]), "11x11", "distorted"),
        (None, "measure.faces", "measure.faces"),
    ],
)
def test_a_missing_face_leaves_gaps_with_a_reason(looking, missing, unmatched):
    record = measured(pair(), looking)
    assert missing in record["missing"] and unmatched in record["unmatched"]
    assert bool(record["missing"]) == bool(missing)
    assert math.isnan(record["face/identity_cosine"]) and math.isnan(record["face/pose_error"])
    assert math.isnan(record["face/psnr"]) == bool(missing) == math.isnan(record["background/psnr"])
    assert record["frame/psnr"] > 0
    told = reasons(pd.DataFrame([record]), 1)
    assert not [key for key in MEASURES if math.isnan(record[key]) != (key in told)]
    assert unmatched in next(iter(told["face/identity_cosine"]))


def test_small_frames_have_no_scales_and_tiny_ones_no_structure():
    record = measured(pair(size=175))
    assert math.isnan(record["frame/ms_ssim"]) and record["frame/ssim_rgb"] > 0
    assert "176x176" in next(iter(reasons(pd.DataFrame([record]), 1)["frame/ms_ssim"]))
    record = measured(pair(size=19))
    assert math.isnan(record["frame/ssim_rgb"]) and record["frame/psnr"] > 0


def test_identity_is_looked_at_in_every_so_many_th_frame():
    table = pd.DataFrame([measured(pair(index), eyes(every=2)) for index in range(3)])
    assert table["face/identity_cosine"].notna().tolist() == [True, False, True]
    told = reasons(table, 2)["face/identity_cosine"]
    assert list(told.values()) == [1] and "measure.identity_every" in next(iter(told))


def test_flicker_needs_three_frames_of_one_item():
    still = [pair(0, noise=0) for _ in range(3)]
    items = [still, [pair(0, item="b")] * 2]
    records = [one.record for one in measure_items(items, [eyes(), eyes()])]
    assert [one["item"] for one in records] == ["a"] * 3 + ["b"] * 2
    known = [not math.isnan(one["frame/flicker"]) for one in records]
    assert known == [False, True, False, False, False]
    assert records[1]["face/flicker"] == records[1]["background/flicker_reference"] == 0
    dark = pair(0, noise=0)
    dark.distorted.image[...] = dark.distorted.image // 2
    dark.distorted.image[0, 0] = 2
    record = measured(dark, eyes(), *still[:2])
    assert record["frame/flicker"] > 50 and record["frame/flicker_reference"] == 0


def test_the_summary_leaves_out_what_has_no_value_and_counts_it():
    table = pd.DataFrame([measured(pair(index), eyes()) for index in range(5)])
    table["frame/psnr"] = [10.0, 20.0, math.inf, 30.0, math.nan]
    metrics = summarise(table)
    stats = [metrics[f"frame/psnr/{name}"] for name in ("mean", "median", "p5", "p95")]
    assert stats == pytest.approx([20, 20, *np.percentile([10, 20, 30], [5, 95])])
    assert [metrics[f"frame/psnr/{name}"] for name in ("n", "missing", "infinite")] == [3, 1, 1]
    assert metrics["face/ms_ssim/mean"] is None and metrics["face/ms_ssim/missing"] == 5
    expected = table["face/sharpness"].mean() / table["face/sharpness_reference"].mean()
    assert metrics["face/sharpness_ratio"] == pytest.approx(expected)
    assert metrics["frame/flicker_ratio"] is None
