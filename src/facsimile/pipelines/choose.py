"""Which faces stay: by hand, by quality, if new, by identity, and the best of each person."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32, UInt8
from rich.console import Console
from rich.progress import track

from facsimile.cores import usable_cores
from facsimile.data.best import best
from facsimile.data.duplicates import THUMBNAIL, distinct, thumbnail
from facsimile.data.identities import cluster, identity_cosines, largest, names, tracks
from facsimile.data.selection import EMBEDDING, Thresholds, quality_reasons
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


@dataclass(frozen=True, eq=False)
class Choice:
    """What a selection keeps.

    Args:
        kept: The rows of the faces to keep, with subject, identity and `place`.
        embeddings: The unit embedding of the face at each place.
        rejected: Path, label and reason of the others.
    """

    kept: pd.DataFrame
    embeddings: Float32[np.ndarray, "n 128"]
    rejected: pd.DataFrame


def choose(faces: pd.DataFrame, folder: Path, rules: Rules, embedder: Callable[[], Any]) -> Choice:
    """Return the faces to keep, with subject, embedding and identity, and the others' reasons.

    The dear step, embedding, comes late and sees only what the others kept.
    """
    faces = faces.sort_values(["clip", "frame", "path"], kind="stable").reset_index(drop=True)
    left = _Left(faces, rules.decisions)
    left.drop(quality_reasons(left.faces, rules.thresholds))
    is_new, small = _compare(left.faces, folder, rules)
    left.drop(_duplicate_reasons(left.faces, is_new))
    embeddings = _embed(left.faces, folder, embedder)
    left.faces["place"] = np.arange(len(left.faces))
    left.drop(_identified(left.faces, embeddings, rules))
    if rules.best is not None:
        left.drop(_best_reasons(left.faces, small, rules.best))
    return Choice(left.faces, embeddings, pd.concat(left.dropped).sort_values("path"))


class _Left:
    """Faces that are left, and those dropped one reason after the other."""

    def __init__(self, faces: pd.DataFrame, decisions: Mapping[str, str]) -> None:
        decided = faces.path.map(lambda path: decisions.get(path, ""))
        self.faces = faces.assign(by_hand=decided == "keep")
        self.dropped: list[pd.DataFrame] = []
        self.drop(decided.map(lambda word: "by hand" if word == "drop" else ""))

    def drop(self, reasons: "pd.Series[str]") -> None:
        out = (reasons != "") & ~self.faces.by_hand
        self.dropped.append(self.faces.loc[out, ["path", "label"]].assign(reason=reasons[out]))
        self.faces = self.faces[~out].copy()


def _no_reasons(faces: pd.DataFrame) -> "pd.Series[str]":
    return pd.Series("", index=faces.index, dtype=object)


def _compare(
    faces: pd.DataFrame, folder: Path, rules: Rules
) -> tuple[Bool[np.ndarray, " n"], UInt8[np.ndarray, "k t t"]]:
    """Which faces are new in their clip; and, where the best are wanted, how these look.

    The pictures of one clip at a time are held.
    """
    paths = (folder / path for path in faces.path)
    workers = [None] * usable_cores()
    looks = _watched(workers, lambda _, p: thumbnail(read_image(p)), paths, len(faces), "comparing")
    by_hand, is_new = faces.by_hand.to_numpy(), np.ones(len(faces), dtype=bool)
    shown = [np.empty((0, THUMBNAIL, THUMBNAIL), np.uint8)]
    for start, stop in _clips(faces):
        small = np.stack(list(islice(looks, stop - start)))
        is_new[start:stop] = distinct(small, rules.thresholds.min_difference, by_hand[start:stop])
        if rules.best is not None:
            shown.append(small[is_new[start:stop]])
    return is_new, np.concatenate(shown)


def _clips(faces: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """First place, and one after the last, of each clip of faces that are sorted by clip."""
    clips = faces["clip"].to_numpy()
    changes = np.flatnonzero(clips[1:] != clips[:-1]) + 1
    return pairwise([0, *changes.tolist(), len(faces)]) if len(faces) else iter(())


def _duplicate_reasons(faces: pd.DataFrame, is_new: Bool[np.ndarray, " n"]) -> "pd.Series[str]":
    reasons = _no_reasons(faces)
    reasons[~is_new] = "near-duplicate of an earlier face of the clip"
    return reasons


def _embed(
    faces: pd.DataFrame, folder: Path, embedder: Callable[[], Any]
) -> Float32[np.ndarray, "n 128"]:
    def embed(own: Any, face: tuple[str, Any]) -> Any:
        path, points = face
        landmarks = np.asarray(points, dtype=np.float32).reshape(5, 2)
        return own(read_image(folder / path), landmarks)

    embedders = [embedder() for _ in range(usable_cores())]
    items = zip(faces.path, faces.crop_landmarks, strict=True)
    found = np.empty((len(faces), EMBEDDING), np.float32)
    for place, one in enumerate(_watched(embedders, embed, items, len(faces), "embedding")):
        found[place] = one
    return found


def _identified(
    faces: pd.DataFrame, embeddings: Float32[np.ndarray, "n 128"], rules: Rules
) -> "pd.Series[str]":
    """Name those whom the data set does not, and return who is not the person of their clip."""
    if faces.empty:
        faces["identity"] = np.empty(0)
        return _no_reasons(faces)
    found = tracks(faces, embeddings)
    people = cluster(found, rules.same_person)[found.of_face]
    unnamed = (faces.subject == "").to_numpy()
    typical = largest(faces["clip"], people) | unnamed
    faces.loc[unnamed, "subject"] = names(people[unnamed])
    cosines = identity_cosines(embeddings, list(faces.subject), typical)
    faces["identity"] = cosines
    reasons = _no_reasons(faces)
    out = ~typical | (cosines < rules.thresholds.min_identity)
    kinds = np.where(typical, "identity", "another person")[out]
    wrong = zip(kinds, cosines[out], faces.subject[out], strict=True)
    texts = [f"{kind}: cosine {cosine:.2f} to the mean of {who}" for kind, cosine, who in wrong]
    reasons[out] = np.array(texts, dtype=object)
    return reasons


def _best_reasons(
    faces: pd.DataFrame, small: UInt8[np.ndarray, "n t t"], count: int
) -> "pd.Series[str]":
    reasons = _no_reasons(faces)
    for subject, own in faces.groupby("subject"):
        others = own[~own.by_hand]
        wanted = max(0, count - int(own.by_hand.sum()))
        if len(others):
            chosen = best(others, small[others.place], wanted)
            dropped = np.delete(others.index.to_numpy(), chosen)
            reasons[dropped] = f"not among the best {count} of {subject}"
    return reasons


def _watched(
    workers: list[Worker],
    function: Callable[[Worker, Item], Result],
    items: Iterable[Item],
    count: int,
    label: str,
) -> Iterator[Result]:
    # OpenCV and PIL release the interpreter's lock, so threads are enough.
    results = in_order(workers, function, items)
    return iter(track(results, label, count, console=Console(stderr=True)))
