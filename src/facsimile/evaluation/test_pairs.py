"""The fixed test sets as `facsimile degrade` left them: pairs read from files, a few at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from facsimile.data.held_out import Pair
from facsimile.data.sizes import Image, shrunk
from facsimile.data.tables import read_parquet
from facsimile.errors import UserError
from facsimile.media.files import sha256
from facsimile.media.image import read_image

COLUMNS = ["path", "gt", "subject", "clip", "split", "degradation", "strength", "tone"]
AT_ONCE = 64  # pairs, which bounds memory


@dataclass(frozen=True)
class DegradedPairs:
    """The pictures in `folder`, which degraded.parquet lists, beside those in `faces`.

    Args:
        folder: Of the degraded pictures.
        faces: Of the pictures before.
        scale: How many times smaller the degraded ones are read, for a net that enlarges. Those
            of a scale of 2 are no longer called `blur` but `blur_x2`.
    """

    folder: Path
    faces: Path
    scale: int = 1

    @property
    def table(self) -> Path:
        """The list of pictures."""
        return self.folder / "degraded.parquet"

    @property
    def version(self) -> str:
        """A hash of all degraded pixels, since the list holds the hash of each picture."""
        return sha256(self.table)

    def rows(self, split: str) -> pd.DataFrame:
        """The rows of a split, of which `fixed` are those without a strength.

        Raises:
            UserError: There is no list, or it has nothing of this split.
        """
        table = read_parquet(self.table, COLUMNS, "degrade")
        rows = table[table["split"] == split].reset_index(drop=True)
        if rows.empty:
            raise UserError(f"{self.table} has no {split} pictures: run `facsimile degrade` again")
        if self.scale != 1:
            rows["degradation"] += f"_x{self.scale}"
        return rows.assign(fixed=rows["strength"].isna())

    def read(self, rows: pd.DataFrame) -> list[Pair]:
        """The pairs of some rows, in their order."""
        return [
            self._pair(self.folder / path, gt, subject)
            for path, gt, subject in zip(rows["path"], rows["gt"], rows["subject"], strict=True)
        ]

    def _pair(self, path: Path, gt: str, subject: str) -> Pair:
        lq, whole = (_divisible(read_image(file), self.scale) for file in (path, self.faces / gt))
        return Pair(gt, subject, shrunk(lq, self.scale), whole)

    def portions(self, rows: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, list[Pair]]]:
        """Rows and their pairs, up to `AT_ONCE` of them together."""
        for start in range(0, len(rows), AT_ONCE):
            some = rows.iloc[start : start + AT_ONCE]
            yield some, self.read(some)


def _divisible(image: Image, scale: int) -> Image:
    """The image without the last rows and columns that `scale` does not divide.

    >>> import numpy as np
    >>> _divisible(np.zeros((5, 8, 3), np.uint8), 2).shape
    (4, 8, 3)
    """
    height, width = (side - side % scale for side in image.shape[:2])
    return image[:height, :width]
