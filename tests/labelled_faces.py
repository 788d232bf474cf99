"""Labelled faces of noise whose fakes are blurred, split by person: for tests of detectors."""

import cv2
import numpy as np
import pandas as pd

from facsimile.data.shown import swapped_name
from facsimile.media.image import write_image

PEOPLE = {
    "train": ("ann", "bob", "cai", "dan"),
    "val": ("eve", "fay"),
    "test": ("gus", "hal", "ida"),
}
FRAMES = 3
SIDE = 64


def noise(seed, blurred):
    image = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return cv2.GaussianBlur(image, (0, 0), 1.0) if blurred else image


def labelled_rows(people=PEOPLE, frames=FRAMES, faces_of=None):
    """Rows of identity.parquet: of each person a real clip and a fake one that stems from it.

    `faces_of` tells, of a person, whose face the fake shows.
    """
    swapped = {(who, 1): swapped_name(other, who) for who, other in (faces_of or {}).items()}
    rows = [
        {
            "path": f"images/{who}_{label}/{frame:06d}.png",
            "subject": swapped.get((who, label), who),
            "clip": f"{who}_{label}",
            "frame": frame,
            "split": split,
            "origin": f"{who}_0",
            "label": label,
        }
        for split, names in people.items()
        for who in names
        for label in (0, 1)
        for frame in range(frames)
    ]
    return pd.DataFrame(rows).astype({"label": np.int8})


def write_labelled_faces(data, name="self_blended", people=PEOPLE, frames=FRAMES, faces_of=None):
    """A data set as extract and split leave it; returns the rows."""
    rows = labelled_rows(people, frames, faces_of)
    for seed, row in enumerate(rows.itertuples()):
        path = data / "faces" / name / row.path
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, noise(seed, bool(row.label)))
    (data / "splits" / name).mkdir(parents=True, exist_ok=True)
    rows.to_parquet(data / "splits" / name / "identity.parquet")
    return rows
