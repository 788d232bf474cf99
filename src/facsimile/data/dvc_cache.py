"""DVC's cache as it lies on disk: one file a content, and listings of folders.

DVC 3 keeps the content with the MD5 `abcd...` as `files/md5/ab/cd...`, DVC 2 as `ab/cd...`; a
folder is the JSON list of its files' `md5` and `relpath`, kept as `ab/cd....dir`. A folder that is
a remote looks the same.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from facsimile.data.holdings import Files, Person, acquaint, holding, is_of

_LAYOUTS = ("files/md5", ".")
_BYTE = "[0-9a-f][0-9a-f]"


@dataclass(frozen=True)
class Listing:
    """A folder that the cache holds: where the list lies, and its files that are there."""

    path: Path
    files: Files


def md5(path: Path) -> str:
    """Return the MD5 of a file's bytes, by which DVC knows it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def copies(cache: Path, digests: Iterable[str]) -> set[Path]:
    """Return the files of the cache that hold the contents with these MD5s."""
    places = (cache / layout / one[:2] / one[2:] for one in digests for layout in _LAYOUTS)
    return {path for path in places if path.is_file()}


def listings(cache: Path) -> Iterator[Listing]:
    """Yield the folders that a cache knows; a list that cannot be read is not one."""
    for layout in _LAYOUTS:
        for path in sorted((cache / layout).glob(f"{_BYTE}/*.dir")):
            try:
                entries = {one["relpath"]: one["md5"] for one in json.loads(path.read_bytes())}
            except (ValueError, TypeError, KeyError):
                continue
            places = {name: cache / layout / one[:2] / one[2:] for name, one in entries.items()}
            yield Listing(path, {n: place for n, place in places.items() if place.is_file()})


def cached(cache: Path, person: Person, digests: set[str]) -> set[Path]:
    """Return the files of the cache that hold anything of a person.

    Args:
        cache: The cache's folder.
        person: Whom to look for.
        digests: MD5s of what the person's data set holds of them now.

    Returns:
        Those contents; what earlier versions of the folders held of the person, as the tables in
        them tell; and the lists of the folders that have any of it.
    """
    known = list(listings(cache))
    person = acquaint(person, (one.files for one in known))
    now = copies(cache, digests)
    found = set(now)
    for one in known:
        held = holding(one.files, person, sure=is_of(one.files, person.dataset)).files
        parts = {one.files[name] for name in held} | (now & set(one.files.values()))
        found |= parts | ({one.path} if parts else set())
    return found
