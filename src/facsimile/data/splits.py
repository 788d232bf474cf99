"""Train, val and test: by person for enhancement, by contiguous blocks of time for a swap pair."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import pandas as pd
import pyarrow as pa

from facsimile.errors import UserError

SPLITS = ("train", "val", "test")

_FACE = [("path", pa.string()), ("subject", pa.string()), ("clip", pa.string())]
#: identity.parquet. `path` is relative to the folder of faces.
IDENTITY = pa.schema([*_FACE, ("frame", pa.int64()), ("split", pa.string())])
#: swap.parquet. `path` is relative to the folder of selected faces; landmarks in crop pixels.
SWAP = pa.schema(
    [
        *_FACE,
        ("frame", pa.int64()),
        ("crop_landmarks", pa.list_(pa.float32(), 10)),
        ("yaw", pa.float32()),
        ("split", pa.string()),
    ]
)

Blocks = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class IdentityRule:
    """Who is in which split: name patterns per split, test first; the others by chance.

    `unlisted` is the share of people that no pattern matches, per split; the rest is for training.
    """

    patterns: Mapping[str, Sequence[str]]
    unlisted: Mapping[str, float]

    def split(self, subject: str) -> str:
        """Return a person's split; it depends on nothing but the name and the rule."""
        for split in reversed(SPLITS):
            if any(fnmatchcase(subject, pattern) for pattern in self.patterns.get(split, ())):
                return split
        chance = int(hashlib.sha256(subject.encode()).hexdigest()[:12], 16) / 16**12
        test = self.unlisted.get("test", 0.0)
        if chance < test:
            return "test"
        return "val" if chance < test + self.unlisted.get("val", 0.0) else "train"


@dataclass(frozen=True)
class SwapRule:
    """Which frames of a swap pair's clips are held out.

    `blocks` gives, for a clip, the first frame of a split and the one after its last; a clip that
    is not named holds out the last part of its frames, `unlisted` being the shares. Frames nearer
    than `gap` to a held-out block of another split are in none.
    """

    gap: int
    unlisted: Mapping[str, float]
    blocks: Mapping[str, Blocks] = field(default_factory=dict)

    def split(self, clip: str, frames: Sequence[int]) -> list[str]:
        """Return each frame's split, empty for one in a gap."""
        blocks = self.blocks.get(clip) or self._default_blocks(frames)
        return [self._of(int(frame), blocks) for frame in frames]

    def _of(self, frame: int, blocks: Blocks) -> str:
        inside = next((split for split, block in blocks.items() if _away(frame, block) == 0), None)
        others = [block for split, block in blocks.items() if split != inside]
        near = any(_away(frame, block) < self.gap for block in others)
        if inside is None:
            return "" if near else "train"
        # Between two held-out blocks only the earlier one gives way, so that test stays whole.
        return "" if near and inside != "test" else inside

    def _default_blocks(self, frames: Sequence[int]) -> Blocks:
        first, last = int(min(frames)), int(max(frames)) + 1
        test = last - round((last - first) * self.unlisted.get("test", 0.0))
        val = test - round((last - first) * self.unlisted.get("val", 0.0))
        return {"test": (test, last), "val": (val, test)}


def _away(frame: int, block: Sequence[int]) -> int:
    """Return how many frames a frame is away from a block; 0 inside it."""
    first, end = block
    if first >= end:
        return 1 << 30
    return max(first - frame, frame - (end - 1), 0)


def split_identities(faces: pd.DataFrame, rule: IdentityRule) -> pd.DataFrame:
    """Return the rows of identity.parquet for faces with path, subject, clip and frame."""
    splits = {subject: rule.split(subject) for subject in faces.subject.unique()}
    table: pd.DataFrame = faces.assign(split=faces.subject.map(splits))[IDENTITY.names]
    return table.reset_index(drop=True)


def split_swap(faces: pd.DataFrame, rule: SwapRule) -> pd.DataFrame:
    """Return the rows of swap.parquet; those in a gap have an empty split."""
    parts = [
        clip.assign(split=rule.split(str(name), list(clip.frame)))
        for name, clip in faces.sort_values(["clip", "frame"]).groupby("clip")
    ]
    if not parts:
        return pd.DataFrame(columns=SWAP.names)
    table: pd.DataFrame = pd.concat(parts)[SWAP.names]
    return table.reset_index(drop=True)


def check_leaks(identity: pd.DataFrame, swap: pd.DataFrame, gap: int) -> None:
    """Make sure that nothing which training sees is tested on.

    Raises:
        UserError: a person is in two splits of `identity`, two frames of a clip in different
            splits of `swap` are nearer than `gap`, or a path stands twice; it names which.
    """
    for name, table in (("identity", identity), ("swap", swap)):
        twice = table.path[table.path.duplicated()]
        if len(twice):
            raise UserError(f"leak in {name}: {twice.iloc[0]} is there twice")
    counts = identity.groupby("subject").split.nunique()
    for subject in counts[counts > 1].index:
        found = sorted(identity[identity.subject == subject].split.unique())
        raise UserError(f"leak in identity: {subject} is in {' and '.join(found)}")
    for clip_name, clip in swap.groupby("clip"):
        _check_clip(str(clip_name), clip.sort_values("frame"), gap)


def _check_clip(name: str, clip: pd.DataFrame, gap: int) -> None:
    before = clip.shift(1)
    changed = clip.split.ne(before.split) & before.split.notna()
    near = clip[changed & (clip.frame - before.frame < gap)]
    if len(near):
        row, other = near.iloc[0], before.loc[near.index[0]]
        raise UserError(
            f"leak in swap: frames {int(other.frame)} ({other.split}) and {int(row.frame)} "
            f"({row.split}) of {name} are nearer than {gap}"
        )


def summary(identity: pd.DataFrame, swap: pd.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    """Return how many faces and people are in each split, and frames of each side and split."""
    people = identity.groupby("split").subject.nunique()
    faces = identity.groupby("split").size()
    return {
        "identity": {s: {"faces": int(faces[s]), "subjects": int(people[s])} for s in faces.index},
        "swap": {
            str(subject): {str(k): int(v) for k, v in side.groupby("split").size().items()}
            for subject, side in swap.groupby("subject")
        },
    }
