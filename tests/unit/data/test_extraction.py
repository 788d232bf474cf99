from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from facsimile.data.extraction import Extraction, Rejected
from facsimile.data.records import FACES, Clip, write_parquet
from facsimile.faces.detect import Face
from facsimile.faces.quality import pose
from facsimile.media.image import read_image, write_image
from facsimile.media.video import VideoWriter

POINTS = np.array([[30, 25], [52, 25], [41, 38], [32, 48], [50, 48]], np.float32)


class Blue:
    """Finds a face in every picture that is mostly blue."""

    def __call__(self, image):
        if image[..., 2].mean() < 150:
            return []
        return [Face((20.0, 10.0, 40.0, 50.0), POINTS, 0.75)]


def picture(shade, blue=True):
    image = np.full((72, 96, 3), shade, np.uint8)
    image[..., 2] = 220 if blue else 0
    return cv2.circle(image, (41, 38), 9, (200, 60, 220 * blue), -1)


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clips" / "grün.mkv"
    with VideoWriter(path, 96, 72, Fraction(25), codec="ffv1") as writer:
        for k in range(40):
            writer.write(picture(3 * k, blue=k % 4 != 3))
    return Clip(path, "set", "grün", "anna", "video", label=1)


def extract(parts, tmp_path, threads=2, name="out"):
    folder = tmp_path / name
    folder.mkdir()
    extraction = Extraction([Blue() for _ in range(threads)], 32, 1.6)
    found = list(extraction.clip(parts, tmp_path, folder))
    faces = [x for x in found if isinstance(x, dict)]
    return faces, [x for x in found if isinstance(x, Rejected)], folder


def test_rows_and_crops_of_a_video(video, tmp_path):
    faces, rejected, folder = extract([video], tmp_path)
    assert [row["frame"] for row in faces] == [k for k in range(40) if k % 4 != 3]
    assert [r.path for r in rejected] == [f"clips/grün.mkv#{k:06d}" for k in range(3, 40, 4)]
    assert {r.reason for r in rejected} == {"no face found"}
    row = faces[1]
    assert set(row) == set(FACES.names)
    assert (row["path"], row["time"], row["label"]) == ("images/grün/000001.png", 0.04, 1)
    assert (row["bbox_x"], row["bbox_h"], row["score"]) == (20, 50, 0.75)
    assert (row["width"], row["height"]) == (96, 72)
    assert row["landmarks"] == POINTS.ravel().tolist()
    assert (row["yaw"], row["pitch"], row["roll"]) == pose(POINTS)
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{r['frame']:06d}.png" for r in faces
    ]
    crop = read_image(folder / "000001.png")
    x, y = np.array(row["crop_landmarks"]).reshape(5, 2)[2].round().astype(int)
    assert crop.shape == (32, 32, 3) and np.abs(crop[y, x] - [200.0, 60, 220]).max() < 10


def test_number_of_threads_changes_nothing(video, tmp_path):
    results = []
    for threads in (1, 3):
        faces, rejected, folder = extract([video], tmp_path, threads, f"out{threads}")
        write_parquet(folder / "faces.parquet", faces, FACES)
        files = sorted(folder.iterdir())
        results.append((rejected, [(p.name, p.read_bytes()) for p in files]))
    assert results[0] == results[1]


def test_ready_crops_are_kept(tmp_path):
    image = picture(90)
    write_image(tmp_path / "orl/s1/4.png", image)
    write_image(tmp_path / "orl/s1/5.png", picture(90, blue=False))
    (tmp_path / "orl/s1/6.png").write_bytes(b"")
    clips = [
        Clip(tmp_path / f"orl/s1/{k}.png", "set", "s1", "s1", "image", k, cropped=True)
        for k in (4, 5, 6, 7)
    ]
    (row,), rejected, folder = extract(clips, tmp_path)
    assert np.array_equal(read_image(folder / "000004.png"), image)
    assert (row["frame"], row["time"]) == (4, 0) and row["crop_landmarks"] == row["landmarks"]
    assert [r.path for r in rejected] == ["orl/s1/5.png", "orl/s1/6.png", "orl/s1/7.png"]
    assert rejected[0].reason == "no face found"
    assert str(tmp_path) not in rejected[1].reason and "orl/s1/6.png" in rejected[1].reason


def test_a_cut_video_keeps_its_good_frames(video, tmp_path):
    whole = extract([video], tmp_path)[0]
    data = video.path.read_bytes()
    video.path.write_bytes(data[: int(len(data) * 0.7)])
    faces, rejected, _ = extract([video], tmp_path, name="cut")
    assert 15 < len(faces) < len(whole) and faces == whole[: len(faces)]
    assert rejected[-1].path == "clips/grün.mkv" and "cut off" in rejected[-1].reason


def test_what_is_no_video_stops_nothing(video, tmp_path):
    (tmp_path / "text.mp4").write_text("text " * 1000)
    broken = Clip(tmp_path / "text.mp4", "set", "text", "text", "video")
    gone = Clip(Path("/elsewhere/gone.mp4"), "set", "gone", "gone", "video")
    faces, rejected, _ = extract([broken, gone, video], tmp_path)
    assert len(faces) == 30 and [r.path for r in rejected[:2]] == ["text.mp4", "gone.mp4"]
    assert "/elsewhere" not in rejected[1].reason


def test_a_detector_that_fails_is_heard(video, tmp_path):
    class Failing:
        def __call__(self, image):
            raise MemoryError

    (tmp_path / "out").mkdir()
    with pytest.raises(MemoryError):
        list(Extraction([Failing()], 32, 1.6).clip([video], tmp_path, tmp_path / "out"))
