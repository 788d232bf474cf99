"""What must not be divided between splits: faces that share a person, an original or a clip."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

# selection numbers the people whom a data set does not name, and numbers shift as files are added
_NUMBERED = re.compile(r"person_\d+")


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
        named = tuple(one for one in self.subjects if not _NUMBERED.fullmatch(one))
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


def group_faces(faces: pd.DataFrame) -> dict[str, Group]:
    """Return the group of each clip, from faces with subject, clip, origin and official.

    A clip is in one group with the original that it stems from, with whatever else stems from that
    one, and with all that shows one of its subjects. An empty subject links nothing.
    """
    rows = faces[["subject", "clip", "origin", "official"]].drop_duplicates().fillna("")
    ends = _ends(rows)
    members: dict[str, list[tuple[str, ...]]] = {}
    for row in rows.itertuples(index=False, name=None):
        members.setdefault(ends[row[1]], []).append(row)
    groups = {end: _group(group) for end, group in members.items()}
    return {clip: groups[end] for clip, end in ends.items()}


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


def _ends(rows: pd.DataFrame) -> dict[str, str]:
    """For each clip the node that stands for all that is linked with it (union-find)."""
    above: dict[str, str] = {}

    def end(node: str) -> str:
        above.setdefault(node, node)
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for one, other in _links(rows):
        above[end(one)] = end(other)
    return {clip: end(f"video {clip}") for clip in rows["clip"].unique()}


def _links(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    # An origin is the name of a clip, whether or not that clip has faces of its own.
    for subject, clip, origin in zip(rows.subject, rows["clip"], rows.origin, strict=True):
        yield f"video {clip}", f"video {origin or clip}"
        if subject:
            yield f"video {clip}", f"subject {subject}"
