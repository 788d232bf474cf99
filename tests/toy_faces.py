"""Faces of noise in one colour a person, as `select` meets them: plain functions for any test."""

import cv2
import numpy as np
import pandas as pd
from omegaconf import OmegaConf

from facsimile.data.records import FACES
from facsimile.data.tables import read_parquet, write_parquet
from facsimile.media.image import write_image

LIMITS = {
    "min_score": 0.6,
    "min_size": 40,
    "min_sharpness": 1.0,
    "brightness": [20, 230],
    "max_yaw": 50,
    "min_difference": 3.0,
    "min_identity": 0.5,
    "same_person": 0.6,
    "best": None,
    "sort": None,
}


class MeanColour:
    """An embedder that tells people by the colour of their faces."""

    def __call__(self, image, landmarks):
        assert landmarks.shape == (5, 2)
        colour = image.reshape(-1, 3).astype(np.float32).mean(axis=0)
        embedding = np.zeros(128, np.float32)
        embedding[:3] = colour / np.linalg.norm(colour)
        return embedding


def face(seed, channel):
    # Blocks of noise in one colour: distinct from face to face, sharp, and of one "person".
    small = np.random.default_rng(seed).integers(60, 255, (8, 8), dtype=np.uint8)
    image = np.zeros((64, 64, 3), np.uint8)
    image[..., channel] = cv2.resize(small, (64, 64), interpolation=cv2.INTER_NEAREST)
    return image


def row(clip, subject, frame, suffix="", **changes):
    numbers = dict.fromkeys(FACES.names, 0)
    return {
        **numbers,
        "path": f"images/{clip}/{frame:06d}{suffix}.png",
        "dataset": "toy",
        "clip": clip,
        "subject": subject,
        "origin": clip,
        "official": "",
        "frame": frame,
        "bbox_w": 60.0,
        "bbox_h": 60.0,
        "landmarks": [0.0] * 10,
        "crop_landmarks": [1.0] * 10,
        "score": 0.9,
        "sharpness": 50.0,
        "brightness": 60.0,
        **changes,
    }


def write_faces(folder):
    """Ten distinct faces each; ann's frame 3 repeats frame 2, 4 is dark, and 5 shows bob."""
    rows = []
    for channel, subject in enumerate(["ann", "bob", "eve"]):
        for frame in range(10):
            seed = 100 * channel + (2 if subject == "ann" and frame == 3 else frame)
            shown = 1 if (subject, frame) == ("ann", 5) else channel
            dark = {"brightness": 3.0} if (subject, frame) == ("ann", 4) else {}
            rows.append(row(f"clip_{subject}", subject, frame, **dark))
            write_image(folder / rows[-1]["path"], face(seed, shown))
    write_parquet(folder / "faces.parquet", rows, FACES)
    return folder


def add(folder, rows, channel):
    """Add rows of noise in a colour to the faces."""
    table = read_parquet(folder / "faces.parquet", FACES.names, "extract")
    for seed, new in enumerate(rows, 900 + 50 * channel):
        write_image(folder / new["path"], face(seed, channel))
    write_parquet(folder / "faces.parquet", pd.concat([table, pd.DataFrame(rows)]), FACES)


def config(tmp_path, decisions=None, **select_changes):
    """The configuration of select and split below a folder."""
    return OmegaConf.create(
        {
            "input": None,
            "output": None,
            "data": {
                "name": "toy",
                "official": True,
                "decisions": decisions,
                "swap_pair": select_changes.pop("swap_pair", ["ann", "bob"]),
            },
            "embedder": {"_target_": f"{__name__}.MeanColour"},
            "paths": {n: str(tmp_path / n) for n in ("data", "faces", "selected", "splits")}
            | {"root": str(tmp_path)},
            "params": {
                "select": {**LIMITS, **select_changes},
                "split": {
                    "identity": {"patterns": {"test": ["bob"]}, "unlisted": {}},
                    "swap": {"gap": 2, "unlisted": {"val": 0.2, "test": 0.3}},
                },
            },
        }
    )


def rejected(folder):
    """The reason of each face that was set aside, by its file's name."""
    table = pd.read_parquet(folder / "rejected.parquet")
    return {path.rpartition("/")[2]: reason for path, reason in table.values}
