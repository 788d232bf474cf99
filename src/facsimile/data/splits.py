"""Train, val and test: by person for enhancement, by contiguous blocks of time for a swap pair."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

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


def split_rules(given: Any) -> tuple[IdentityRule, SwapRule]:
    """Return the rules that `params.split` holds.

    Raises:
        UserError: a key is unknown or missing, or its value cannot be meant; the key is named.
    """
    parts = _known("params.split", given, ("identity", "swap"), ("identity", "swap"))
    return _identity_rule(parts["identity"]), _swap_rule(parts["swap"])


def _identity_rule(given: Any) -> IdentityRule:
    where, keys = "params.split.identity", ("patterns", "unlisted")
    rule = _known(where, given, keys, keys)
    for split, patterns in _known(f"{where}.patterns", rule["patterns"], SPLITS).items():
        listed = isinstance(patterns, list | tuple)
        if not listed or not all(isinstance(one, str) for one in patterns):
            raise UserError(f"{where}.patterns.{split}={patterns} must be a list of quoted words")
    _check_shares(f"{where}.unlisted", rule["unlisted"])
    return IdentityRule(**rule)


def _swap_rule(given: Any) -> SwapRule:
    where = "params.split.swap"
    rule = _known(where, given, ("gap", "unlisted", "blocks"), ("gap", "unlisted"))
    if not _is_whole(rule["gap"]):
        raise UserError(f"{where}.gap={rule['gap']} must be a whole number, 0 or more")
    _check_shares(f"{where}.unlisted", rule["unlisted"])
    for clip, blocks in _mapping(f"{where}.blocks", rule.get("blocks", {})).items():
        for split, block in _known(f"{where}.blocks.{clip}", blocks, SPLITS).items():
            _check_block(f"{where}.blocks.{clip}.{split}", block)
    return SwapRule(**rule)


def _known(
    where: str, given: Any, known: Sequence[str], required: Sequence[str] = ()
) -> Mapping[str, Any]:
    """Return a mapping of which every key is known and none is missing."""
    for key in _mapping(where, given):
        if key not in known:
            raise UserError(f"{where}.{key}: there is no such key; {where} has {', '.join(known)}")
    if missing := [key for key in required if key not in given]:
        raise UserError(f"{where}.{missing[0]} is missing")
    checked: Mapping[str, Any] = given
    return checked


def _mapping(where: str, given: Any) -> Mapping[Any, Any]:
    if not isinstance(given, Mapping):
        raise UserError(f"{where}={given} must have keys and values")
    if odd := [key for key in given if not isinstance(key, str)]:
        raise UserError(f"{where}.{odd[0]} is read as a number or truth value: put it in quotes")
    return given


def _check_shares(where: str, shares: Any) -> None:
    for split, share in _known(where, shares, ("val", "test")).items():
        is_number = isinstance(share, int | float) and not isinstance(share, bool)
        if not is_number or not 0 <= share <= 1:
            raise UserError(f"{where}.{split}={share} must be a share, 0 to 1")
    if sum(shares.values()) > 1:
        raise UserError(f"{where} gives away more than there is: its shares add up to over 1")


def _check_block(where: str, block: Any) -> None:
    is_pair = isinstance(block, list | tuple) and len(block) == 2 and all(map(_is_whole, block))
    if not is_pair or block[0] > block[1]:
        raise UserError(
            f"{where}={block} must be two whole numbers: the first frame, the one after the last"
        )


def _is_whole(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


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
