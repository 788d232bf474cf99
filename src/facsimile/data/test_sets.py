"""The fixed test sets: held-out faces, degraded once for everything that is compared."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from facsimile.cores import usable_cores
from facsimile.data.held_out import Photo, degrade_once, evenly_spaced
from facsimile.data.spacing import places
from facsimile.data.tables import read_parquet, write_parquet
from facsimile.degradations.protocol import Degradation
from facsimile.errors import UserError
from facsimile.media.image import read_image, write_image
from facsimile.threads import in_order

COLUMNS = ["path", "subject", "clip", "frame", "split"]
SPLITS = ("test", "val")
_TEXT = ("path", "gt", "subject", "clip", "split", "degradation")
#: degraded.parquet. `path` is relative to its folder, `gt` to that of the faces; `strength` is null
#: but in a series; `tone` is colour or grey; `sha256` is of the RGB bytes, not of the file.
DEGRADED = pa.schema(
    [
        *((name, pa.string()) for name in _TEXT),
        ("strength", pa.float64()),
        ("tone", pa.string()),
        ("sha256", pa.string()),
    ]
)


class Series:
    """A degradation in several strengths: `degradation(by=strength)` makes it of one."""

    # no dataclass: Hydra would take one within a mapping for a configuration
    def __init__(
        self, degradation: Callable[..., Degradation], by: str, strengths: Sequence[int | float]
    ) -> None:
        self.made = {float(s): degradation(**{by: float(s)}) for s in strengths}


class DegradedSets:
    """Every set under the test and the validation people, and the series under some test people.

    A draw depends on the set's name and the picture's path. All strengths of a series share it: a
    shadow keeps its shape while it darkens.

    Args:
        sets: Degradations by the set's name.
        series: Degradations of several strengths, by name.
        per_subject: At most so many pictures of a person, for `test`, `val` and `series`.
        series_people: At most so many people in the series.
    """

    def __init__(
        self,
        sets: Mapping[str, Degradation],
        series: Mapping[str, Series],
        per_subject: Mapping[str, int],
        series_people: int,
    ) -> None:
        self.sets, self.per_subject, self.series_people = dict(sets), per_subject, series_people
        self.series = {name: one.made for name, one in series.items()}

    def photos(self, split: Path) -> pd.DataFrame:
        """The rows of identity.parquet to degrade; `in_series` marks those of the series.

        Raises:
            UserError: There is no such file, or a split holds nobody.
        """
        rows = read_parquet(split, COLUMNS, "split")
        held_out = {name: rows[rows["split"] == name] for name in SPLITS}
        for name, those in held_out.items():
            if those.empty:
                raise UserError(f"{split} has no {name} images: look at params.split")
        series = evenly_spaced(self._some_people(held_out["test"]), self.per_subject["series"])
        chosen = [evenly_spaced(held_out[name], self.per_subject[name]) for name in SPLITS]
        fixed = pd.concat(chosen).assign(fixed=True)
        both = pd.concat([fixed, series.assign(fixed=False)]).drop_duplicates("path")
        return both.assign(in_series=both["path"].isin(series["path"])).reset_index(drop=True)

    def write(self, photos: pd.DataFrame, faces: Path, folder: Path) -> Iterator[int]:
        """Degrade photos into an empty folder; yields how many pictures each of them gave.

        degraded.parquet comes last, sorted by split, set and strength, then as `photos`.
        """
        done: list[dict[str, Any]] = []

        def degrade(_: None, numbered: tuple[int, dict[Any, Any]]) -> list[dict[str, Any]]:
            return list(self._degrade(*numbered, faces, folder))

        # Threads: OpenCV and numpy let go of the interpreter's lock.
        rows: list[dict[Any, Any]] = photos.to_dict("records")
        for made in in_order([None] * usable_cores(), degrade, enumerate(rows)):
            done += made
            yield len(made)
        table = pd.DataFrame(done).sort_values(
            ["split", "degradation", "strength"], kind="stable", na_position="first"
        )
        write_parquet(folder / "degraded.parquet", table, DEGRADED)

    def _some_people(self, rows: pd.DataFrame) -> pd.DataFrame:
        people = sorted(rows["subject"].unique())
        shown = [people[place] for place in places(len(people), self.series_people)]
        return rows[rows["subject"].isin(shown)]

    def _degrade(
        self, number: int, row: dict[str, Any], faces: Path, folder: Path
    ) -> Iterable[dict[str, Any]]:
        photo = Photo(row["path"], row["subject"], read_image(faces / row["path"]))
        shared = {"gt": row["path"]} | {key: row[key] for key in ("subject", "clip", "split")}
        shared["tone"] = "grey" if (photo.image == photo.image[..., :1]).all() else "colour"
        for name, strength, degradation in self._wanted(row):
            lq = degrade_once(photo, degradation, name).lq
            step = "" if strength is None else f"/{strength:g}"
            path = f"images/{row['split']}/{name}{step}/{number:06d}_lq.png"
            write_image(folder / path, lq)
            digest = hashlib.sha256(np.ascontiguousarray(lq).tobytes()).hexdigest()
            told = {"path": path, "degradation": name, "strength": strength, "sha256": digest}
            yield shared | told

    def _wanted(self, row: dict[str, Any]) -> Iterator[tuple[str, float | None, Degradation]]:
        if row["fixed"]:
            yield from ((name, None, one) for name, one in self.sets.items())
        if row["in_series"]:
            for name, strengths in self.series.items():
                yield from ((name, strength, one) for strength, one in strengths.items())
