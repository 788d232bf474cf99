"""Which files are measured against which: two files, or those of two folders by their names."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from facsimile.data.problems import Problem
from facsimile.data.tree import is_image, is_video, walk
from facsimile.errors import UserError

SIDES = ("reference", "distorted")
#: Reasons by path or name.
Rejected = dict[str, str]


@dataclass(frozen=True)
class Item:
    """A file and what it is measured against, under the name that both share."""

    name: str
    reference: Path
    distorted: Path


def items_of(reference: Path, distorted: Path) -> tuple[list[Item], Rejected]:
    """The pairs of files to measure, and what is set aside of two folders, with the reason.

    Files of folders belong together where their paths below these agree but for the suffix.

    Raises:
        UserError: One of the two is not there, one is a folder and the other none, or the folders
            have no pair.
    """
    for side, path in zip(SIDES, (reference, distorted), strict=True):
        if not path.exists():
            raise UserError(f"there is no {path}: give {side}=FILE or {side}=FOLDER")
    if reference.is_dir() != distorted.is_dir():
        raise UserError(
            f"one of {reference} and {distorted} is a folder and the other a file: give two of one"
        )
    if not reference.is_dir():
        return [Item(reference.name, reference, distorted)], {}
    return _of_folders(reference, distorted)


def _of_folders(reference: Path, distorted: Path) -> tuple[list[Item], Rejected]:
    rejected: Rejected = {}
    ours, theirs = (_by_stem(root, rejected) for root in (reference, distorted))
    for stems, others, there in ((ours, theirs, distorted), (theirs, ours, reference)):
        for stem in sorted(stems.keys() - others.keys()):
            rejected[str(stems[stem])] = f"{there} has no {stem} to measure it against"
    shared = sorted(ours.keys() & theirs.keys())
    if not shared:
        raise UserError(
            f"no picture or video of {reference} has the name of one in {distorted}: the paths "
            "below both must agree but for the suffix"
        )
    return [Item(stem, ours[stem], theirs[stem]) for stem in shared], rejected


def _by_stem(root: Path, rejected: Rejected) -> Mapping[str, Path]:
    """The pictures and videos of a folder; several of one name are none."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in walk(root):
        if isinstance(name, Problem):
            rejected[f"{root}/{name.path}"] = name.reason
        elif is_image(name) or is_video(name):
            found[str(PurePosixPath(name).with_suffix(""))].append(name)
        else:
            rejected[str(root / name)] = "its name is not that of a picture or video"
    for names in found.values():
        if len(names) > 1:
            told = f"only the suffix tells {', '.join(names)} apart"
            rejected |= {str(root / name): told for name in names}
    return {stem: root / names[0] for stem, names in found.items() if len(names) == 1}
