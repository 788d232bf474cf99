"""What every data set has in common: one pass that lists its clips and its problems."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.errors import UserError

_SPLITS = {
    **{word: "train" for word in ("train", "training")},
    **{word: "val" for word in ("val", "valid", "validation")},
    **{word: "test" for word in ("test", "testing", "test-dev", "test-challenge")},
}
_LABELS = {"real": 0, "0": 0, "fake": 1, "1": 1}


class Listing(ABC):
    """A data set below one folder: its clips and problems, in an order that never changes.

    Nothing is opened but lists of files; each pass reads them anew.

    Args:
        root: The data set's folder.
        name: What its clips give as their data set.

    Raises:
        UserError: there is no such folder.
    """

    def __init__(self, root: Path | str, name: str) -> None:
        self.root, self.name = Path(root), name
        if not self.root.is_dir():
            raise UserError(f"there is no folder {root}, the root of the data set {name}")

    @abstractmethod
    def entries(self) -> Iterator[Clip | Problem]:
        """Every clip and every problem, in one pass."""

    def clips(self) -> Iterator[Clip]:
        """What can be used."""
        return (entry for entry in self.entries() if isinstance(entry, Clip))

    def problems(self) -> Iterator[Problem]:
        """What is set aside."""
        return (entry for entry in self.entries() if isinstance(entry, Problem))


def official_split(word: str) -> str:
    """The split that a data set's word stands for, in any case; empty for any other word.

    >>> official_split("Validation"), official_split("Test-Dev"), official_split("extra")
    ('val', 'test', '')
    """
    return _SPLITS.get(word.lower(), "")


def label_of(word: object) -> int | None:
    """1 for fake and 0 for real, as words in any case or as numbers; None for anything else.

    >>> label_of("FAKE"), label_of(0), label_of("unknown")
    (1, 0, None)
    """
    return None if isinstance(word, bool) else _LABELS.get(str(word).strip().lower())
