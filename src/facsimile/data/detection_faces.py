"""Which faces a detector learns from and is tested on, with their labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Int64

from facsimile.data.identities import NUMBERED
from facsimile.data.spacing import places
from facsimile.data.split_rules import SPLITS
from facsimile.data.tables import read_parquet
from facsimile.errors import UserError

COLUMNS = ["path", "subject", "clip", "frame", "split", "origin", "label"]
VIDEO = ["data", "clip", "label"]  # whose faces one score is given for
KINDS = {0: "real", 1: "fake"}
_NAMED = 5  # of what a message lists


def labelled_faces(faces: Path, splits: Path, data: Sequence[str]) -> pd.DataFrame:
    """Rows of identity.parquet of several data sets, with their `data` and `file`.

    Args:
        faces: Folder that holds a folder of face images for each data set.
        splits: Likewise of identity.parquet.
        data: Names of data sets.

    Raises:
        UserError: A table is not there, or faces have no label.
    """
    found = []
    for name in data:
        path = splits / name / "identity.parquet"
        rows = read_parquet(path, COLUMNS, f"split data={name}")[COLUMNS]
        unknown = ~rows["label"].isin(KINDS)
        if unknown.any():
            raise UserError(
                f"{path}: {int(unknown.sum())} of {len(rows)} faces have no label, which a "
                "detector needs: 1 for a fake, 0 for a real face (see docs/data-sets.md)"
            )
        files = [str(faces / name / face) for face in rows["path"]]
        found.append(rows.assign(data=name, file=files, label=rows["label"].astype(np.int64)))
    if not found:
        raise UserError("no data set is named: give one or more, as [self_blended]")
    return pd.concat(found, ignore_index=True)


def both_kinds(rows: pd.DataFrame, split: str, where: str) -> pd.DataFrame:
    """The rows of a split.

    Raises:
        UserError: It has no real or no fake face; it says where.
    """
    part = rows[rows["split"] == split]
    missing = [kind for label, kind in KINDS.items() if label not in set(part["label"])]
    if missing:
        raise UserError(
            f"{where} has no {' and no '.join(missing)} face in the split {split}: a detector "
            "needs both. Give a data set with fakes, or look at params.split"
        )
    return part


def spaced(rows: pd.DataFrame, frames: int) -> pd.DataFrame:
    """At most so many faces of each video and label, evenly spaced; sorted by video and frame."""
    ordered = rows.sort_values([*VIDEO, "frame", "path"], kind="stable")
    parts = [part.iloc[places(len(part), frames)] for _, part in ordered.groupby(VIDEO)]
    return pd.concat(parts, ignore_index=True) if parts else ordered


def shuffled_labels(rows: pd.DataFrame, seed: int) -> Int64[np.ndarray, " n"]:
    """Labels that say nothing: of the real and of the fake videos the same share is called fake.

    All faces of a video keep one label. A plain permutation would, of few videos, leave a chance
    correlation with the truth that a net learns.
    """
    rng = np.random.default_rng(seed)
    told = np.zeros(len(rows), np.int64)
    videos = rows.groupby(VIDEO, sort=True).ngroup().to_numpy()
    truth = rows["label"].to_numpy()
    for label in KINDS:
        those = rng.permutation(np.unique(videos[truth == label]))
        fakes = those[: round(len(those) * float(truth.mean()))]
        told[np.isin(videos, fakes)] = 1
    return told


def check_apart(rows: pd.DataFrame) -> None:
    """Make sure that nobody, no original and no clip is in two splits, over all data sets.

    A person has one name in all of them, but for those whom selection numbered; clips and
    originals are told apart by their data set.

    Raises:
        UserError: Somebody or something is; it names them.
    """
    known = rows[rows["split"].isin(SPLITS)]
    videos = known["data"] + "/" + known["clip"]
    origin = known["origin"].fillna("")
    originals = videos.mask(origin != "", known["data"] + "/" + origin)
    _check(_people(known), known["split"], "identity")
    both = pd.concat([videos, originals])
    _check(both, pd.concat([known["split"]] * 2), "original or clip")


def _check(names: "pd.Series[str]", splits: "pd.Series[str]", what: str) -> None:
    found = pd.DataFrame({"name": names, "split": splits}).query("name != ''").drop_duplicates()
    shared = found.groupby("name")["split"].agg(sorted)
    leaks = {str(name): list(those) for name, those in shared.items() if len(those) > 1}
    if leaks:
        raise UserError(f"leak between splits: {what} {_listed(leaks)}")


def _people(rows: pd.DataFrame) -> "pd.Series[str]":
    subject = rows["subject"].fillna("")
    numbered = subject.str.fullmatch(NUMBERED)
    return subject.mask(numbered, rows["data"] + "/" + subject)


def _listed(leaks: Mapping[str, Sequence[str]]) -> str:
    told = [f"{name} is in {' and '.join(splits)}" for name, splits in leaks.items()]
    more = f", and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return ", ".join(told[:_NAMED]) + more
