"""Which faces a detector learns from and is tested on, with their labels."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Int64

from facsimile.data.shown import shown_of_all
from facsimile.data.spacing import places
from facsimile.data.split_rules import SPLITS
from facsimile.data.tables import read_parquet
from facsimile.errors import UserError

COLUMNS = ["path", "subject", "clip", "frame", "split", "origin", "label"]
VIDEO = ["data", "clip", "label"]  # whose faces one score is given for
KINDS = {0: "real", 1: "fake"}
SEEN = ("train", "val")  # the splits that a training reads
_TARGET, _SOURCE, _VIDEO = "target", "source", "video"  # kinds of names
_NAME = ["kind", "name", "split"]
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

    Raises:
        UserError: Of either kind there are too few videos to call some real and some fake.
    """
    rng = np.random.default_rng(seed)
    told = np.zeros(len(rows), np.int64)
    videos = rows.groupby(VIDEO, sort=True).ngroup().to_numpy()
    truth = rows["label"].to_numpy()
    for label, kind in KINDS.items():
        those = rng.permutation(np.unique(videos[truth == label]))
        fakes = those[: round(len(those) * float(truth.mean()))]
        if not 0 < len(fakes) < len(those):
            raise UserError(
                f"task.data_module.shuffled_labels: {len(fakes)} of {len(those)} {kind} training "
                "videos would be called fake, and their labels still tell them: give more videos"
            )
        told[np.isin(videos, fakes)] = 1
    return told


def seen_names(rows: pd.DataFrame) -> list[list[str]]:
    """What a training on these rows sees, as plain values for a checkpoint.

    The kind of each name, the name and its split: people, originals and clips of train and val.
    """
    seen: list[list[str]] = _names(rows[rows["split"].isin(SEEN)]).to_numpy().tolist()
    return seen


def check_apart(rows: pd.DataFrame) -> None:
    """Make sure that nobody, no original and no clip is in two splits, over all data sets.

    A swapped face counts for both people: nobody whom training shows, by body or by face, is
    shown in val or test. Val and test, from which nothing is learnt, may have one another's
    faces, each on bodies of its own. A person has one name in all data sets, but for those whom
    selection numbered; clips and originals are told apart by their data set.

    Raises:
        UserError: Somebody or something is; it names them.
    """
    _check(_names(rows))


def check_unseen(tested: pd.DataFrame, seen: Iterable[Sequence[str]]) -> None:
    """As `check_apart`, of rows to be tested and what `seen_names` told of a training.

    Raises:
        UserError: The training saw somebody or something of them; it names them.
    """
    _check(pd.concat([_names(tested), pd.DataFrame(list(seen), columns=_NAME)]))


def _names(rows: pd.DataFrame) -> pd.DataFrame:
    """Every name with its split, once: of bodies, of faces that were put there, of videos."""
    known = rows[rows["split"].isin(SPLITS)]
    people, origin = shown_of_all(known), known["origin"].fillna("")
    clips = known["data"] + "/" + known["clip"]
    originals = clips.mask(origin != "", known["data"] + "/" + origin)
    kinds = [(_TARGET, people["target"]), (_SOURCE, people["source"])]
    kinds += [(_VIDEO, clips), (_VIDEO, originals)]
    parts = [
        pd.DataFrame({"kind": kind, "name": names, "split": known["split"]})
        for kind, names in kinds
    ]
    return pd.concat(parts, ignore_index=True).query("name != ''").drop_duplicates()


def _check(found: pd.DataFrame) -> None:
    videos, people = found[found["kind"] == _VIDEO], found[found["kind"] != _VIDEO]
    learnt = people["name"].isin(people["name"][people["split"] == "train"])
    counted = people[learnt | (people["kind"] == _TARGET)]
    swapped = bool((counted["kind"] == _SOURCE).any())
    hint = "; a fake shows two people: see data.held_out in docs/fakes.md" if swapped else ""
    _refuse(counted, "identity", hint)
    _refuse(videos, "original or clip")


def _refuse(found: pd.DataFrame, what: str, hint: str = "") -> None:
    splits = found.groupby("name")["split"].agg(lambda those: sorted(set(those)))
    leaks = {str(name): list(those) for name, those in splits.items() if len(those) > 1}
    if leaks:
        raise UserError(f"leak between splits: {what} {_listed(leaks)}{hint}")


def _listed(leaks: Mapping[str, Sequence[str]]) -> str:
    told = [f"{name} is in {' and '.join(splits)}" for name, splits in leaks.items()]
    more = f", and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return ", ".join(told[:_NAMED]) + more
