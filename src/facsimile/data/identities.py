"""Who is the same person: tracks of faces, grouped by their embeddings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Float32, Int

_BATCH = 256  # tracks compared at once: 100 MB of cosines to 100,000 people
_FACES = 16384  # whose means are held at once: 16 MB
#: A name that `names` gives. Numbers shift as files are added.
NUMBERED = re.compile(r"person_\d{4,}")


@dataclass(frozen=True, eq=False)
class Tracks:
    """The runs of one face through a clip, those of most faces first.

    Args:
        means: The unit mean embedding of each.
        clips: The number of the clip of each.
        spans: First and last frame of each.
        of_face: The track of each face.
    """

    means: Float[np.ndarray, "t d"]
    clips: Int[np.ndarray, " t"]
    spans: Int[np.ndarray, "t 2"]
    of_face: Int[np.ndarray, " n"]


def tracks(faces: pd.DataFrame, embeddings: Float32[np.ndarray, "n d"]) -> Tracks:
    """The tracks of one face or more, with columns clip, track and frame, by unit embeddings."""
    groups = faces.groupby(["clip", "track"])
    sizes = groups.size()
    order = np.argsort(-sizes.to_numpy(), kind="stable")
    of_face = np.argsort(order)[groups.ngroup().to_numpy()]
    sums = np.zeros((len(sizes), embeddings.shape[1]), np.float32)
    np.add.at(sums, of_face, embeddings)
    return Tracks(
        sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12),
        np.unique(sizes.index.get_level_values("clip"), return_inverse=True)[1][order],
        groups.frame.agg(["min", "max"]).to_numpy(np.int64)[order],
        of_face,
    )


def cluster(found: Tracks, min_cosine: float) -> Int[np.ndarray, " t"]:
    """The person of each track, numbered as they are met.

    Leader clustering: a track joins the person whose first track is the most similar, at this
    cosine or more, or else is a new one. Tracks of a clip that overlap in time are two people.
    """
    people = _People(found, min_cosine)
    for start in range(0, len(found.means), _BATCH):
        people.add(start, min(start + _BATCH, len(found.means)))
    return people.of_track


class _People:
    def __init__(self, found: Tracks, min_cosine: float) -> None:
        self.found, self.min_cosine = found, min_cosine
        self.of_track = np.zeros(len(found.means), dtype=np.int64)
        self.leaders = np.empty_like(found.means)
        self.count = 0
        self.spans: dict[tuple[int, int], list[tuple[int, int]]] = {}  # by person and clip

    def add(self, start: int, stop: int) -> None:
        """The cosines to those met before in one product, to those met in the batch in another."""
        before, batch = self.count, self.found.means[start:stop]
        known = batch @ self.leaders[:before].T
        among = batch @ batch.T
        new: list[int] = []  # places in the batch of the leaders that it brings
        for place, track in enumerate(range(start, stop)):
            cosines = known[place], among[place, new]
            person = self._most_similar(track, np.concatenate(cosines) if new else cosines[0])
            if person is None:
                person = self.count
                self.leaders[person] = batch[place]
                self.count += 1
                new.append(place)
            self._join(track, person)

    def _most_similar(self, track: int, cosines: np.ndarray) -> int | None:
        while len(cosines):
            person = int(cosines.argmax())
            if cosines[person] < self.min_cosine:
                return None
            if not self._was_beside(track, person):
                return person
            cosines[person] = -np.inf
        return None

    def _was_beside(self, track: int, person: int) -> bool:
        first, last = self.found.spans[track]
        others = self.spans.get((person, int(self.found.clips[track])), ())
        return any(first <= end and begin <= last for begin, end in others)

    def _join(self, track: int, person: int) -> None:
        self.of_track[track] = person
        begin, end = self.found.spans[track]
        key = person, int(self.found.clips[track])
        self.spans.setdefault(key, []).append((int(begin), int(end)))


def largest(clips: "pd.Series[str]", people: Int[np.ndarray, " n"]) -> Bool[np.ndarray, " n"]:
    """Which faces are of the person that most faces of their clip show, the first met if equal.

    >>> largest(pd.Series(["a", "a", "a", "b"]), np.array([1, 0, 1, 0]))
    array([ True, False,  True,  True])
    """
    counts = pd.DataFrame({"clip": clips.to_numpy(), "person": people}).value_counts(sort=False)
    table = counts.rename("faces").reset_index()
    first = table.sort_values(["faces", "person"], ascending=[False, True]).drop_duplicates("clip")
    main = first.set_index("clip").person
    return np.asarray(main.loc[clips].to_numpy() == people)


def names(people: Int[np.ndarray, " n"]) -> list[str]:
    """A name for the person of each face, the most shown first.

    >>> names(np.array([7, 4, 7]))
    ['person_0001', 'person_0002', 'person_0001']
    """
    found, counts = np.unique(people, return_counts=True)
    ranked = found[np.argsort(-counts, kind="stable")]
    named = {person: f"person_{rank:04d}" for rank, person in enumerate(ranked, 1)}
    return [named[person] for person in people]


def identity_cosines(
    embeddings: Float[np.ndarray, "n d"],
    subjects: Sequence[str],
    typical: Bool[np.ndarray, " n"] | None = None,
) -> Float[np.ndarray, " n"]:
    """Return each unit embedding's cosine to the mean direction of its subject.

    The mean is that of the `typical` faces, of all if not given or if a subject has none.
    """
    _, codes = np.unique(np.asarray(subjects, dtype=str), return_inverse=True)
    shown = np.ones(len(codes), dtype=bool) if typical is None else typical.copy()
    shown |= np.bincount(codes, shown)[codes] == 0  # nobody is left without a mean
    sums = np.zeros((codes.max(initial=-1) + 1, embeddings.shape[1]))
    for part in _portions(len(codes)):
        np.add.at(sums, codes[part][shown[part]], embeddings[part][shown[part]])
    centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    cosines = np.empty(len(codes))
    for part in _portions(len(codes)):
        cosines[part] = np.einsum("nd,nd->n", embeddings[part], centres[codes[part]])
    return cosines


def _portions(count: int) -> Iterator[slice]:
    return (slice(start, start + _FACES) for start in range(0, count, _FACES))
