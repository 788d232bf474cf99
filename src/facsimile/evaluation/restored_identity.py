"""Whether a face that was restored is still the same person's."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8

from facsimile.data.tables import read_parquet
from facsimile.faces.identity import cosine

Image = UInt8[np.ndarray, "_ _ 3"]
Landmarks = Float[np.ndarray, "5 2"]
Embedder = Callable[[Image, Landmarks], np.ndarray]
LANDMARKS, IDENTITY = "landmarks", "identity_cosine"


def with_landmarks(rows: pd.DataFrame, faces: Path, chosen: "pd.Series[bool]") -> pd.DataFrame:
    """The rows of pictures and, of the chosen ones, where the face is in its picture before.

    Args:
        rows: Of degraded.parquet, whose `gt` is a path in `faces`.
        faces: The folder of the faces and of their faces.parquet.
        chosen: Which of the rows an embedder is to look at.

    Returns:
        The rows and `landmarks`, pixels of the picture before; None for all others.

    Raises:
        UserError: There is no such table, or it does not tell of landmarks.
    """
    table = read_parquet(faces / "faces.parquet", ["path", "crop_landmarks"], "extract")
    five = (np.reshape(one, (5, 2)) for one in table["crop_landmarks"])
    known = dict(zip(table["path"], five, strict=True))
    places = [known.get(gt) if look else None for gt, look in zip(rows["gt"], chosen, strict=True)]
    return rows.assign(**{LANDMARKS: pd.Series(places, rows.index, dtype=object)})


def likeness(
    embedder: Embedder, gt: Image, landmarks: Landmarks | None
) -> Callable[[Image], float]:
    """What gives the cosine of a restored picture's embedding with that of the picture before.

    It gives NaN where there are no landmarks: there the embedder does not look. A restoration
    moves nothing, so that both pictures are embedded by the same landmarks: a detector would not
    find every degraded face, and move with the noise.
    """
    if landmarks is None:
        return lambda preds: math.nan
    before = embedder(gt, landmarks)
    return lambda preds: cosine(embedder(preds, landmarks), before)
