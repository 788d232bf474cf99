"""What must not be divided between splits: faces that share a person, an original or a clip."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from facsimile.data.identities import NUMBERED


@dataclass(frozen=True)
class Group:
    """Faces of which each is linked to the others by a subject, an origin or a clip.

    Args:
        subjects: The people shown, sorted; empty where nobody is named.
        originals: The videos or photos that the faces stem from, sorted.
        official: The data set's own splits of the faces, each with one clip that has it.
    """

    subjects: tuple[str, ...]
    originals: tuple[str, ...]
    official: Mapping[str, str]

    @property
    def anchors(self) -> tuple[str, ...]:
        """What gives the group its key: its subjects or, where none is named, its originals.

        `person_0001`, which selection calls somebody without a name, links but is no anchor.
        """
        named = tuple(one for one in self.subjects if not NUMBERED.fullmatch(one))
        return named or self.originals

    @property
    def key(self) -> str:
        """The anchor with the smallest SHA-256.

        The key stays when faces, clips or fakes of known subjects (or, without subjects, of known
        originals) join the group, and whatever happens to other groups. It may change only when
        the group gains or loses an anchor, which happens when a new face links two groups or names
        a first subject: then the smaller hash wins, so that all but one of the linked groups move.
        No rule can avoid that: two groups in different splits cannot both stay once they are one.
        """
        return min(self.anchors, key=lambda anchor: hashlib.sha256(anchor.encode()).digest())


def group_faces(faces: pd.DataFrame, official: bool = True) -> dict[str, Group]:
    """Return the group of each clip, from faces with subject, clip, origin and official.

    A clip is in one group with the original that it stems from, with whatever else stems from that
    one, and with all that shows one of its subjects. An empty subject links nothing.

    Args:
        faces: The rows.
        official: Whether the data set's own splits count. Where they do, a person whom selection
            numbered does not link groups of different ones: over many faces some two people are
            taken for one, and the data set knows better.
    """
    rows = faces[["subject", "clip", "origin", "official"]].drop_duplicates().fillna("")
    ends = _ends(rows, official)
    members: dict[str, list[tuple[str, ...]]] = {}
    for row in rows.itertuples(index=False, name=None):
        members.setdefault(ends[row[1]], []).append(row)
    groups = {end: _group(group) for end, group in members.items()}
    return {clip: groups[end] for clip, end in ends.items()}


def kept_apart(faces: pd.DataFrame, groups: Mapping[str, Group]) -> dict[str, tuple[str, ...]]:
    """Return the numbered people who are in several groups, with these groups' official splits."""
    found: dict[str, dict[int, Group]] = {}
    for subject, clip in faces[["subject", "clip"]].drop_duplicates().itertuples(index=False):
        if NUMBERED.fullmatch(subject or ""):
            found.setdefault(subject, {})[id(groups[clip])] = groups[clip]
    return {
        subject: tuple(sorted({split for group in theirs.values() for split in group.official}))
        for subject, theirs in sorted(found.items())
        if len(theirs) > 1
    }


def _group(rows: list[tuple[str, ...]]) -> Group:
    official: dict[str, str] = {}
    for _, clip, _, split in rows:
        if split:
            official[split] = min(clip, official.get(split, clip))
    return Group(
        subjects=tuple(sorted({subject for subject, *_ in rows} - {""})),
        originals=tuple(sorted({origin or clip for _, clip, origin, _ in rows})),
        official=official,
    )


class _Joined:
    """Union-find: for each node the one that stands for all that it is linked with."""

    def __init__(self) -> None:
        self.above: dict[str, str] = {}

    def end(self, node: str) -> str:
        above = self.above
        above.setdefault(node, node)
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    def join(self, nodes: Iterable[str]) -> None:
        first, *others = nodes
        for other in others:
            self.above[self.end(other)] = self.end(first)


def _ends(rows: pd.DataFrame, official: bool) -> dict[str, str]:
    """For each clip the node that stands for all that is linked with it."""
    joined = _Joined()
    for link in _links(rows):
        joined.join(link)
    own: dict[str, set[str]] = {}  # official splits of what an end stands for
    for clip, split in zip(rows["clip"], rows.official, strict=True):
        own.setdefault(joined.end(f"video {clip}"), set()).update(
            {split} - {""} if official else ()
        )
    for clips in _numbered(rows):
        _join_agreeing(joined, own, sorted({joined.end(f"video {clip}") for clip in clips}))
    return {clip: joined.end(f"video {clip}") for clip in rows["clip"].unique()}


def _links(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    # An origin is the name of a clip, whether or not that clip has faces of its own.
    for subject, clip, origin in zip(rows.subject, rows["clip"], rows.origin, strict=True):
        yield f"video {clip}", f"video {origin or clip}"
        if subject and not NUMBERED.fullmatch(subject):
            yield f"video {clip}", f"subject {subject}"


def _numbered(rows: pd.DataFrame) -> list[list[str]]:
    """The clips of each numbered person, in an order that does not depend on the numbers."""
    clips: dict[str, set[str]] = {}
    for subject, clip in zip(rows.subject, rows["clip"], strict=True):
        if NUMBERED.fullmatch(subject):
            clips.setdefault(subject, set()).add(clip)
    return sorted(map(sorted, clips.values()))


def _join_agreeing(joined: _Joined, own: dict[str, set[str]], ends: list[str]) -> None:
    """Join what a numbered person links, unless official splits differ: then those of each."""
    alike: dict[tuple[str, ...], list[str]] = {}
    differ = len(set().union(*(own[end] for end in ends))) > 1
    for end in ends:
        alike.setdefault(tuple(sorted(own[end])) if differ else (), []).append(end)
    for part in alike.values():
        splits = set().union(*(own[end] for end in part))
        joined.join(part)
        own[joined.end(part[0])] = splits
