"""The clips of a data set in batches: what one worker extracts in one go and a rerun skips."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from facsimile.data.records import Clip
from facsimile.errors import UserError

Group = tuple[Clip, ...]
STILLS = 256  # of a batch, on average at most
_LONGEST = 80  # characters; a file's name may have 255 bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips that are extracted together: the originals first, then what takes its boxes from them.

    `name` is safe as the name of a file; each group holds the one video, or the stills, of a clip.
    """

    name: str
    groups: tuple[Group, ...]

    def clips(self) -> Iterator[Clip]:
        """Every clip, group by group."""
        return (clip for group in self.groups for clip in group)


def batches(clips: Iterable[Clip]) -> list[Batch]:
    """Videos with those that take their boxes, stills by a hash, in the order they are met first.

    A new video changes no batch but that of the clip whose boxes it takes. A new still changes the
    one its hash chooses, and all of them when their number passes 256 times a power of two.

    Raises:
        UserError: several files claim to be the same clip, or there is no clip.
    """
    groups = _grouped(clips)
    stills = sum(len(group) for group in groups.values() if group[0].kind == "image")
    buckets = 1 << max(0, -(-stills // STILLS) - 1).bit_length()
    found: dict[str, list[Group]] = {}
    for group in groups.values():
        found.setdefault(_batch_name(group[0], buckets), []).append(group)
    # a clip that takes boxes from another comes after it
    return [
        Batch(name, tuple(sorted(members, key=lambda group: bool(group[0].boxes_of))))
        for name, members in found.items()
    ]


def _grouped(clips: Iterable[Clip]) -> dict[str, Group]:
    """Clips by name: one video, or the stills that share a name."""
    groups: dict[str, list[Clip]] = {}
    for clip in clips:
        groups.setdefault(clip.clip, []).append(clip)
    for name, group in groups.items():
        videos = sum(clip.kind == "video" for clip in group)
        if (videos and len(group) > 1) or len({clip.frame for clip in group}) < len(group):
            raise UserError(f"several files are clip {name}: {group[0].path}, {group[1].path}")
    if not groups:
        raise UserError("there is no clip to extract: the data set lists none")
    return {name: tuple(group) for name, group in groups.items()}


def _batch_name(clip: Clip, buckets: int) -> str:
    if clip.kind == "image":
        return f"stills_{_hash(clip.origin or clip.clip) % buckets:05d}"
    return safe_file_name(clip.boxes_of or clip.clip)


def safe_file_name(name: str) -> str:
    """A name that no file system minds; one that had to be changed is told apart by a hash.

    >>> safe_file_name("franck")
    'franck'
    >>> safe_file_name("part_0/a b.mp4")
    'part_0_a_b.mp4-b767396f'
    """
    kept = "".join(c if c.isalnum() or c in "_-." else "_" for c in name)
    safe = kept[-_LONGEST:].lstrip(".")
    return safe if safe == name else f"{safe}-{_hash(name):016x}"[: len(safe) + 9]


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:16], 16)
