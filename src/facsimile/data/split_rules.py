"""The rules by which faces are shared out to train, val and test, as `params.split` gives them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from facsimile.data.split_groups import Group
from facsimile.errors import UserError

SPLITS = ("train", "val", "test")

Blocks = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class IdentityRule:
    """Which split a group of faces is in: by a name, by the data set's own word, or by chance.

    A group's split depends on nothing but the group and this rule, so that other groups may come
    and go. For the same reason each share holds for real and for fake faces as it would by drawing
    lots, group by group: of n groups alike, `unlisted` +- sqrt(share * (1 - share) / n).

    Args:
        patterns: Name patterns of subjects, per split. The first that matches any subject of the
            group decides, test before val before train.
        unlisted: Share of the groups that nothing else decides, per split; the rest is for
            training.
        official: Whether a data set's own split is kept, where it has one.
    """

    patterns: Mapping[str, Sequence[str]]
    unlisted: Mapping[str, float]
    official: bool = True

    def split(self, group: Group) -> str:
        """Return a group's split.

        Raises:
            UserError: Its official splits contradict each other, or are none.
        """
        return self._named(group) or self._official(group) or self._by_chance(group.key)

    def differing(self, group: Group) -> dict[str, str]:
        """Return the split of each anchor by itself, if it is not the group's; they are linked."""
        alone = {
            anchor: replace(
                group, subjects=(anchor,) if anchor in group.subjects else (), originals=(anchor,)
            )
            for anchor in group.anchors
        }
        parts = {anchor: self.split(part) for anchor, part in alone.items()}
        return {anchor: own for anchor, own in parts.items() if own != self.split(group)}

    def _named(self, group: Group) -> str:
        for split in reversed(SPLITS):
            patterns = self.patterns.get(split, ())
            if any(fnmatchcase(s, p) for s in group.subjects or ("",) for p in patterns):
                return split
        return ""

    def _official(self, group: Group) -> str:
        if not self.official:
            return ""
        found = [f"{split} (clip {clip})" for split, clip in sorted(group.official.items())]
        if strange := [split for split in group.official if split not in SPLITS]:
            raise UserError(f"{strange[0]!r} is no official split: {found}; one of {SPLITS} is")
        if len(found) > 1:
            raise UserError(
                f"the faces of {', '.join(group.anchors[:5])} share a person or an original, and "
                f"are officially in {' and '.join(found)}: correct the data set, or give "
                "params.split.identity.official=false"
            )
        return next(iter(group.official), "")

    def _by_chance(self, key: str) -> str:
        chance = int(hashlib.sha256(key.encode()).hexdigest()[:12], 16) / 16**12
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
    rule = _known(where, given, (*keys, "official"), keys)
    if not isinstance(rule.get("official", True), bool):
        raise UserError(f"{where}.official={rule['official']} must be true or false")
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
