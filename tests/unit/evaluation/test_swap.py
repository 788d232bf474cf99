import math

import numpy as np
import pandas as pd
import pytest

from facsimile.evaluation.recognition import Recognizer
from facsimile.evaluation.swap import MEASURES, Direction, Frame, measure_clip, measure_frame
from facsimile.faces.detect import Face
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import ssim

LANDMARKS = np.array([[30, 30], [50, 30], [40, 40], [33, 50], [47, 50]], np.float32)
BOX = (20.0, 15.0, 40.0, 50.0)


def detect(image):
    """A face wherever the frame's corner is not black, shifted by the corner's blue."""
    if not image[0, 0].any():
        return []
    return [Face(BOX, LANDMARKS + np.float32(image[0, 0, 2]) / 100, 0.9)]


def embed(image, landmarks):
    """Red is A, green is B."""
    vector = image[40, 40, :2].astype(np.float32) + 1e-3
    return vector / np.linalg.norm(vector)


RECOGNIZER = Recognizer(detect, embed)
DIRECTION = Direction("A", "B", np.float32([1, 0]), np.float32([0, 1]))


def frame_of(colour, corner=(10, 10, 0), seed=0):
    image = np.random.default_rng(seed).integers(0, 30, (80, 90, 3), np.uint8)
    image[15:65, 20:60] += np.uint8(colour)
    image[0, 0] = corner
    return image


def records_of(rows, target):
    frame = Frame(7, target, rows)
    records = measure_frame((None, frame, None), RECOGNIZER, DIRECTION)
    return {record["row"]: record for record in records}


def test_rows_and_their_measures():
    target, swapped = frame_of((0, 200, 0)), frame_of((200, 0, 0), corner=(10, 10, 100))
    records = records_of({"swap": swapped}, target)
    assert list(records) == ["swap", "no_swap"]
    assert all(set(MEASURES) < record.keys() for record in records.values())
    swap, still = records["swap"], records["no_swap"]
    assert swap["frame"] == 7
    assert swap["identity_source"] > 0.95 > 0.2 > swap["identity_target"]
    assert still["identity_target"] > 0.95 > 0.2 > still["identity_source"]
    assert swap["ssim"] == ssim(swapped, target)
    assert swap["face_psnr"] == psnr(swapped[15:65, 20:60], target[15:65, 20:60])
    face, original = (i[15:65, 20:60].ravel().astype(float) for i in (swapped, target))
    cosine = face @ original / np.linalg.norm(face) / np.linalg.norm(original)
    assert swap["face_pixel_cosine"] == pytest.approx(cosine) != swap["pixel_cosine"]
    # a shift of one pixel in x and y, the eyes 20 apart
    assert swap["landmark_error"] == pytest.approx(math.sqrt(2) / 20)


def test_the_background_is_what_lies_outside_the_targets_face():
    target = frame_of((0, 200, 0))
    swapped = target.copy()
    swapped[15:65, 20:60] = 255
    assert records_of({"swap": swapped}, target)["swap"]["background_error"] == 0
    swapped[70:80] = np.where(target[70:80] < 100, target[70:80] + 7, target[70:80] - 7)
    error = records_of({"swap": swapped}, target)["swap"]["background_error"]
    assert error == pytest.approx(7 * 10 * 90 / (80 * 90 - 50 * 40))


def test_no_swap_wins_what_the_paper_measured():
    target = frame_of((0, 200, 0))
    record = records_of({}, target)["no_swap"]
    assert (record["ssim"], record["psnr"], record["landmark_error"]) == (1.0, math.inf, 0.0)
    assert record["pixel_cosine"] == record["face_pixel_cosine"] == pytest.approx(1)


def test_a_lost_face_is_told_and_leaves_the_rest():
    target, swapped = frame_of((0, 200, 0)), frame_of((200, 0, 0), corner=(0, 0, 0))
    swap = records_of({"swap": swapped}, target)["swap"]
    assert swap["detected"] is False
    assert math.isnan(swap["identity_source"]) and math.isnan(swap["landmark_error"])
    assert swap["face_ssim"] < 1


def test_no_face_in_the_target_leaves_whole_frame_measures():
    target = frame_of((0, 200, 0), corner=(0, 0, 0))
    swap = records_of({"swap": target.copy()}, target)["swap"]
    assert swap["psnr"] == math.inf
    assert math.isnan(swap["face_ssim"]) and math.isnan(swap["face_pixel_cosine"])


def test_a_clip_is_measured_in_order_by_any_number_of_threads():
    frames = [Frame(i, frame_of((0, 200, 0), seed=i), {}) for i in range(9)]
    one = list(measure_clip(frames, [RECOGNIZER], DIRECTION))
    three = list(measure_clip(frames, [RECOGNIZER] * 3, DIRECTION))
    assert pd.DataFrame(sum(one, [])).equals(pd.DataFrame(sum(three, [])))  # NaN included
    assert [records[0]["frame"] for records in one] == list(range(9))


def test_flicker_is_that_of_the_row_where_the_target_s_face_is():
    target, swapped = frame_of((0, 90, 0)), frame_of((90, 0, 0))
    brighter = swapped.copy()
    brighter[15:65, 20:60] += 10
    frames = [Frame(i, target, {"swap": brighter if i == 2 else swapped}) for i in range(5)]
    table = list(measure_clip(frames, [RECOGNIZER], DIRECTION))
    swap, still = zip(*((row["flicker"] for row in rows) for rows in table), strict=True)
    assert np.isnan([swap[0], swap[-1], still[0], still[-1]]).all()
    assert still[1:-1] == (0, 0, 0)
    assert swap[1:-1] == pytest.approx([10, 20, 10], rel=0.01)


def test_a_second_embedder_and_dense_landmarks_are_told_apart_from_their_absence():
    target = frame_of((0, 200, 0))
    without = records_of({}, target)["no_swap"]
    wanting = ("second_identity_source", "second_identity_target", "mouth_opening", "eye_opening")
    assert all(math.isnan(without[name]) for name in wanting)
    dense = np.random.default_rng(0).normal(40, 9, (68, 2)).astype(np.float32)
    recognizer = Recognizer(
        detect, embed, lambda i, p: np.float32([0, 0, 1]),
        lambda image: [Face(BOX, LANDMARKS, 0.9, dense)],
    )  # fmt: skip
    second = (np.float32([0, 1, 0]), np.float32([0, 0.6, 0.8]))
    direction = Direction("A", "B", np.float32([1, 0]), np.float32([0, 1]), second)
    (record,) = measure_frame((None, Frame(7, target, {}), None), recognizer, direction)
    assert record["second_identity_source"] == 0
    assert record["second_identity_target"] == pytest.approx(0.8)
    assert record["mouth_opening"] > 0 and record["eye_opening"] > 0
    assert record["landmarks"] == LANDMARKS.ravel().tolist() and abs(record["yaw"]) < 45


def test_direction_is_named_source_first():
    assert DIRECTION.name == "A_to_B"
