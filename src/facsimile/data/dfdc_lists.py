"""What the lists of DFDC say: `metadata.json`, `dataset.json` and `labels.csv`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from facsimile.data.listing import label_of, official_split
from facsimile.data.lists import ListError, read_csv, read_json
from facsimile.data.packed import spellings

#: In the order in which they are believed: the test set's metadata.json has no labels.
NAMES = ("labels.csv", "dataset.json", "metadata.json")


@dataclass(frozen=True)
class Row:
    """What a list says of a video.

    Args:
        label: 1 for a fake, 0 for a real video.
        clip: The video's name in the data set.
        original: The name of the clip that a fake was made from, or nothing.
        official: train, val, test or nothing.
        people: The actors in it, where they are numbered: the one on whose body, then whose face.
    """

    label: int
    clip: str
    original: str = ""
    official: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """Why a list's entry gives no label."""

    reason: str


def read_list(root: Path, name: str) -> Iterator[tuple[str, Row | Refused]]:
    """Each video that a list names, as the list names it, and what it says.

    Args:
        root: The data set's folder; what the folders above it are called means nothing.
        name: The list's path below it, perhaps in an archive.

    Raises:
        ListError: the list cannot be read.
    """
    if name.lower().endswith(".csv"):
        return _labels(root / name, PurePosixPath(spellings(name)[-1]).parts[:-1])
    return _metadata(root / name)


def _labels(path: Path, folders: tuple[str, ...]) -> Iterator[tuple[str, Row | Refused]]:
    official = next(filter(None, map(official_split, reversed(folders))), "")
    for line, row in read_csv(path, ["filename", "label"]):
        label = label_of(row["label"])
        if label is None:
            yield row["filename"], Refused(f"line {line} of {path.name} has no label 0 or 1")
        else:
            yield row["filename"], Row(label, _stem(row["filename"]), official=official or "test")


def _metadata(path: Path) -> Iterator[tuple[str, Row | Refused]]:
    entries, repeated = read_json(path)
    if not isinstance(entries, dict):
        raise ListError("it is no object with an entry a video")
    twice = set(repeated)
    for name, entry in entries.items():
        if name in twice:
            yield name, Refused(f"{path.name} lists it twice")
        else:
            yield name, _row(name, entry, path.name)


def _row(name: str, entry: Any, source: str) -> Row | Refused:
    if not isinstance(entry, dict):
        return Refused(f"its entry in {source} is no object")
    label, original = label_of(entry.get("label")), entry.get("original") or ""
    if label is None:
        return Refused(f"its label in {source} is neither REAL nor FAKE")
    if not isinstance(original, str):
        return Refused(f"its original in {source} is no name")
    ids = [entry.get(key) for key in ("target_id", "swapped_id")]
    is_preview = source.lower() == "dataset.json"
    official = official_split(str(entry.get("split") or entry.get("set") or ""))
    # the preview set's names are paths, and its base names are not unique
    clip = _without_suffix(name) if is_preview else _stem(name)
    return Row(
        label,
        clip,
        "" if _stem(original) == clip else _stem(original),
        # all parts say train, parts for validation among them: it is no choice of a split
        "" if official == "train" and not is_preview else official,
        tuple(str(one) for one in ids if one is not None),
    )


def _stem(name: str) -> str:
    return _without_suffix(name.rpartition("/")[2])


def _without_suffix(name: str) -> str:
    return name.rpartition(".")[0] or name
