"""Train, val and test: by person and original for all faces, by blocks of time for a swap pair."""

import difflib
from collections.abc import Collection
from typing import Any

import pandas as pd
import pyarrow as pa

from facsimile.data.split_groups import Group, group_faces, kept_apart
from facsimile.data.split_rules import SPLITS, IdentityRule, SwapRule
from facsimile.errors import UserError

_FACE = [("path", pa.string()), ("subject", pa.string()), ("clip", pa.string())]
#: identity.parquet. `path` is relative to the folder of faces; `label` is 1 for a fake.
IDENTITY = pa.schema(
    [
        *_FACE,
        ("frame", pa.int64()),
        ("split", pa.string()),
        ("origin", pa.string()),
        ("label", pa.int8()),
    ]
)
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
_NAMED = 20  # of what a note counts
_MOST = 0.5  # share of the faces above which one group is worth a note


def split_identities(faces: pd.DataFrame, rule: IdentityRule) -> pd.DataFrame:
    """Return the rows of identity.parquet for faces as in selected.parquet.

    What shares a subject, an origin or a clip comes into one split, but for people whom selection
    numbered and `apart_officially` returns; see `Group.key` for what stays when faces are added.

    Raises:
        UserError: official splits contradict each other within a group.
    """
    groups = group_faces(faces, rule.official)
    splits = {clip: rule.split(group) for clip, group in groups.items()}
    table: pd.DataFrame = faces.assign(split=faces["clip"].map(splits))[IDENTITY.names]
    return table.reset_index(drop=True)


def apart_officially(faces: pd.DataFrame, rule: IdentityRule) -> dict[str, tuple[str, ...]]:
    """Return the numbered people in several of the official splits that are kept, with these."""
    return kept_apart(faces, group_faces(faces)) if rule.official else {}


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


def check_leaks(
    identity: pd.DataFrame, swap: pd.DataFrame, gap: int, apart: Collection[str] = ()
) -> None:
    """Make sure that nothing which training sees is tested on.

    Args:
        identity: Rows of identity.parquet.
        swap: Rows of swap.parquet.
        gap: In frames.
        apart: Subjects who may be in several splits, as `apart_officially` returns them.

    Raises:
        UserError: a person, an original or a clip is in two splits of `identity`, two frames of a
            clip in different splits of `swap` are nearer than `gap` or the same, or a path stands
            twice; it names which.
    """
    for name, table in (("identity", identity), ("swap", swap)):
        twice = table.path[table.path.duplicated()]
        if len(twice):
            raise UserError(f"leak in {name}: {twice.iloc[0]} is there twice")
    originals = identity.origin.where(identity.origin.fillna("") != "", identity["clip"])
    videos = pd.concat([identity["clip"], originals])
    bound = identity[~identity.subject.isin(apart)]
    _check_shared("subject", bound.subject, bound.split)
    _check_shared("clip or original", videos, pd.concat([identity.split, identity.split]))
    for clip_name, clip in swap.groupby("clip"):
        _check_clip(str(clip_name), clip.sort_values("frame"), gap)


def _check_shared(what: str, names: "pd.Series[str]", splits: "pd.Series[str]") -> None:
    pairs = pd.DataFrame({"name": names.fillna(""), "split": splits}).drop_duplicates()
    pairs = pairs[pairs.name != ""]
    divided = pairs[pairs.name.duplicated(keep=False)].sort_values(["name", "split"])
    for name, found in divided.groupby("name"):
        raise UserError(f"leak in identity: {what} {name} is in {' and '.join(found.split)}")


def _check_clip(name: str, clip: pd.DataFrame, gap: int) -> None:
    before = clip.shift(1)
    changed = clip.split.ne(before.split) & before.split.notna()
    near = clip[changed & (clip.frame - before.frame < max(gap, 1))]
    if len(near):
        row, other = near.iloc[0], before.loc[near.index[0]]
        raise UserError(
            f"leak in swap: frames {int(other.frame)} ({other.split}) and {int(row.frame)} "
            f"({row.split}) of {name} are nearer than {gap}"
        )


def summary(identity: pd.DataFrame, swap: pd.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    """Return the faces, fakes and people of each split, and frames of each side and split."""
    return {
        "identity": {
            str(split): {
                "faces": len(part),
                "fakes": int(part.label.sum()),
                "subjects": int(part.subject[part.subject != ""].nunique()),
            }
            for split, part in identity.groupby("split")
        },
        "swap": {
            str(subject): {str(k): int(v) for k, v in side.groupby("split").size().items()}
            for subject, side in swap.groupby("subject")
        },
    }


def notes(faces: pd.DataFrame, identity: pd.DataFrame, rule: IdentityRule) -> list[str]:
    """Return what a user should know of the split by identity, in words; empty if nothing.

    That is: links that moved a person or original to another split than its own, numbered people
    in several official splits, one group that holds most faces, and a split without real or without
    fake faces.
    """
    groups = group_faces(faces, rule.official)
    found = [*_moved(groups, rule), *_apart(faces, rule), *_large(faces, groups)]
    return found + [f"{split} has no {kind} face" for split, kind in _lacking(identity, rule)]


def block_notes(pair: pd.DataFrame, rule: SwapRule) -> list[str]:
    """Return what a user should know of the blocks of a swap pair's clips, in words.

    The blocks are shared by all data sets, so that one for another's clip is no mistake; but where
    a clip of this pair is without one and a block names no clip of it, one may be meant by it.
    """
    clips = {str(clip) for clip in pair["clip"]}
    without, strange = sorted(clips - {*rule.blocks}), sorted({*rule.blocks} - clips)
    if not without or not strange:
        return []
    near = ((name, difflib.get_close_matches(name, without, n=1)) for name in strange)
    meant = [f"{name} (did you mean {close[0]}?)" if close else name for name, close in near]
    return [
        f"params.split.swap.blocks names {_listed(meant)}, of which the pair has no clip; without "
        f"a block, and with their last frames held out, are {_listed(without)}"
    ]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _moved(groups: dict[str, Group], rule: IdentityRule) -> list[str]:
    unique = {group.originals: group for group in groups.values() if len(group.anchors) > 1}
    moved = [
        f"{anchor} from {own} to {rule.split(group)}"
        for _, group in sorted(unique.items())
        for anchor, own in rule.differing(group).items()
    ]
    return [f"moved by links to others: {_listed(moved)}"] if moved else []


def _apart(faces: pd.DataFrame, rule: IdentityRule) -> list[str]:
    counts = faces.subject.value_counts()
    told = [
        f"{counts[subject]} faces called {subject} are in official {' and '.join(splits)}; "
        "the data set's own split is kept"
        for subject, splits in apart_officially(faces, rule).items()
    ]
    more = f"{len(told) - _NAMED} more of such people are in several official splits"
    return [*told[:_NAMED], more] if len(told) > _NAMED else told


def _large(faces: pd.DataFrame, groups: dict[str, Group]) -> list[str]:
    sizes = (
        faces["clip"]
        .map({clip: group.originals[0] for clip, group in groups.items()})
        .value_counts()
    )
    if len(sizes) < 2 or sizes.iloc[0] <= _MOST * len(faces):
        return []
    return [f"{sizes.iloc[0]} of {len(faces)} faces are linked with {sizes.index[0]}: one group"]


def _lacking(identity: pd.DataFrame, rule: IdentityRule) -> list[tuple[str, str]]:
    kinds = {0: "real", 1: "fake"}
    counts: Any = identity.groupby(["label", "split"]).size()
    wanted = [s for s in SPLITS[1:] if rule.unlisted.get(s) or s in set(identity.split)]
    labels = sorted(set(identity.label))
    return [(s, kinds[k]) for s in wanted for k in labels if (k, s) not in counts.index]
