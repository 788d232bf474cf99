"""Which faces stay: by hand, by quality, if new, by identity, and the best of each person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track

from facsimile.cores import usable_cores
from facsimile.data.best import best
from facsimile.data.identities import cluster, largest, names, tracks
from facsimile.data.selection import (
    Thresholds,
    distinct,
    identity_cosines,
    quality_reasons,
    thumbnail,
)
from facsimile.media.image import read_image
from facsimile.threads import in_order

Worker = TypeVar("Worker")
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Rules:
    """What decides over a face.

    Args:
        thresholds: What it must reach.
        same_person: Cosine from which on two tracks show one person.
        best: How many faces of a person to keep; None: all.
        decisions: `keep` or `drop` by path; they win over all else.
    """

    thresholds: Thresholds
    same_person: float
    best: int | None = None
    decisions: Mapping[str, str] = field(default_factory=dict)


def choose(
    faces: pd.DataFrame, folder: Path, rules: Rules, embedder: Callable[[], Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the faces to keep, with subject, embedding and identity, and the others' reasons.

    The dear step, embedding, comes late and sees only what the others kept.
    """
    faces = faces.sort_values(["clip", "frame", "path"], kind="stable").reset_index(drop=True)
    choice = _Choice(faces, rules.decisions)
    choice.drop(quality_reasons(choice.left, rules.thresholds))
    choice.left["thumbnail"] = _thumbnails(choice.left, folder)
    choice.drop(_duplicate_reasons(choice.left, rules.thresholds.min_difference))
    choice.left["embedding"] = _embed(choice.left, folder, embedder)
    choice.drop(_identified(choice.left, rules))
    if rules.best is not None:
        choice.drop(_best_reasons(choice.left, rules.best))
    rejected = pd.concat(choice.dropped).sort_values("path")
    return choice.left, rejected[["path", "reason"]]


class _Choice:
    """Faces that are left, and those dropped one reason after the other."""

    def __init__(self, faces: pd.DataFrame, decisions: Mapping[str, str]) -> None:
        decided = faces.path.map(lambda path: decisions.get(path, ""))
        self.left = faces.assign(by_hand=decided == "keep")
        self.dropped: list[pd.DataFrame] = []
        self.drop(decided.map(lambda word: "by hand" if word == "drop" else ""))

    def drop(self, reasons: "pd.Series[str]") -> None:
        out = (reasons != "") & ~self.left.by_hand
        self.dropped.append(self.left[out].assign(reason=reasons[out]))
        self.left = self.left[~out].copy()


def _no_reasons(faces: pd.DataFrame) -> "pd.Series[str]":
    return pd.Series("", index=faces.index, dtype=object)


def _thumbnails(faces: pd.DataFrame, folder: Path) -> "pd.Series[Any]":
    paths = [folder / path for path in faces.path]
    workers = [None] * usable_cores()
    small = _watched(workers, lambda _, path: thumbnail(read_image(path)), paths, "comparing")
    return pd.Series(small, index=faces.index, dtype=object)


def _duplicate_reasons(faces: pd.DataFrame, min_difference: float) -> "pd.Series[str]":
    reasons = _no_reasons(faces)
    for _, clip in faces.groupby("clip"):
        always = clip.by_hand.to_numpy()
        is_new = distinct(np.stack(list(clip.thumbnail)), min_difference, always)
        reasons[clip.index[~is_new]] = "near-duplicate of an earlier face of the clip"
    return reasons


def _embed(faces: pd.DataFrame, folder: Path, embedder: Callable[[], Any]) -> "pd.Series[Any]":
    def embed(own: Any, row: Any) -> Any:
        landmarks = np.asarray(row.crop_landmarks, dtype=np.float32).reshape(5, 2)
        return own(read_image(folder / row.path), landmarks)

    embedders = [embedder() for _ in range(usable_cores())]
    columns = faces[["path", "crop_landmarks"]]
    found = _watched(embedders, embed, list(columns.itertuples()), "embedding")
    return pd.Series(found, index=faces.index, dtype=object)


def _identified(faces: pd.DataFrame, rules: Rules) -> "pd.Series[str]":
    """Name those whom the data set does not, and return who is not the person of their clip."""
    if faces.empty:
        faces["identity"] = np.empty(0)
        return _no_reasons(faces)
    found = tracks(faces)
    people = cluster(found, rules.same_person)[found.of_face]
    unnamed = (faces.subject == "").to_numpy()
    typical = largest(faces["clip"], people) | unnamed
    faces.loc[unnamed, "subject"] = names(people[unnamed])
    embeddings = np.stack(list(faces.embedding))
    faces["identity"] = identity_cosines(embeddings, list(faces.subject), typical)
    kinds = np.where(typical, "identity", "another person")
    out = ~typical | (faces.identity.to_numpy() < rules.thresholds.min_identity)
    texts = [
        f"{kind}: cosine {cosine:.2f} to the mean of {subject}" if wrong else ""
        for wrong, kind, cosine, subject in zip(
            out, kinds, faces.identity, faces.subject, strict=True
        )
    ]
    return pd.Series(texts, index=faces.index, dtype=object)


def _best_reasons(faces: pd.DataFrame, count: int) -> "pd.Series[str]":
    reasons = _no_reasons(faces)
    for subject, own in faces.groupby("subject"):
        others = own[~own.by_hand]
        wanted = max(0, count - int(own.by_hand.sum()))
        if len(others):
            chosen = best(others, np.stack(list(others.thumbnail)), wanted)
            dropped = np.delete(others.index.to_numpy(), chosen)
            reasons[dropped] = f"not among the best {count} of {subject}"
    return reasons


def _watched(
    workers: list[Worker], function: Callable[[Worker, Item], Result], items: list[Item], label: str
) -> list[Result]:
    # OpenCV and PIL release the interpreter's lock, so threads are enough.
    results = in_order(workers, function, items)
    return list(track(results, label, len(items), console=Console(stderr=True)))
