"""The files of a data set of which some still lie in the archives that they came in."""

from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from facsimile.data.problems import Problem
from facsimile.data.tree import ARCHIVES, NOT_UTF_8, is_archive, is_text, shown, walk
from facsimile.errors import UserError
from facsimile.media.archive import ArchiveError, safe_name
from facsimile.media.members import archive_files


def contents(root: Path) -> Iterator[str | Problem]:
    """Every file below a folder and in the zip and tar archives there, as its relative path.

    A member is at `archive.zip/member`. One that is there unpacked as well (see `spellings`) comes
    once, as that file. After the problems come the files that lie unpacked, then the members, each
    in the order that they have once unpacked.
    """
    found = list(walk(root))
    yield from (one for one in found if isinstance(one, Problem))
    files = [one for one in found if isinstance(one, str)]
    plain = dict.fromkeys(one for one in files if not is_archive(one))
    packed: list[str] = []
    for archive in filter(is_archive, files):
        for one in members(root, archive, plain):
            if isinstance(one, Problem):
                yield one
            else:
                packed.append(one)
    yield from plain
    yield from sorted(packed, key=_order)


def members(root: Path, archive: str, unpacked: Container[str] = ()) -> Iterator[str | Problem]:
    """The files in an archive below a folder, hidden ones left out.

    An archive that cannot be read is a problem, as is a member that is an archive itself, whose
    name would leave the folder, is no UTF-8 or repeats, or whose unpacked file has another size.
    """
    seen: set[str] = set()
    try:
        for member, size in archive_files(root / archive):
            if _is_hidden(member):
                continue
            file = f"{archive}/{member}"
            if reason := _refused(member, seen) or _differs(root, file, size, unpacked):
                yield Problem(shown(file), reason)
            elif _twin(file, unpacked) is None:
                yield file
            seen.add(member)
    except UserError as error:
        yield Problem(archive, str(error).replace(str(root / archive), "it"))


def spellings(name: str) -> tuple[str, ...]:
    """A file's path, and those that it has once its archive is unpacked.

    These are two: unpacked on the spot, and, the last, in a folder of the archive's name.

    >>> spellings("a/b.zip/c/d.mp4"), spellings("a/d.mp4")
    (('a/b.zip/c/d.mp4', 'a/c/d.mp4', 'a/b/c/d.mp4'), ('a/d.mp4',))
    """
    parts = name.split("/")
    place = next((at for at, part in enumerate(parts[:-1]) if is_archive(part)), None)
    if place is None:
        return (name,)
    before, inside = parts[:place], parts[place + 1 :]
    folder = [*before, _stem(parts[place])]
    return name, "/".join([*before, *inside]), "/".join([*folder, *inside])


class Places:
    """Files by every spelling of their paths."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files: dict[str, list[str]] = {}
        for file in files:
            for place in spellings(file):
                self._files.setdefault(place, []).append(file)

    def beside(self, path: str, name: str) -> list[str]:
        """The files at a path relative to the folder of another file, wherever that is spelt."""
        folders = (place.rpartition("/")[0] for place in spellings(path))
        wanted = (f"{folder}/{name}".lstrip("/") for folder in folders)
        return next(filter(None, map(self._files.get, wanted)), [])


def _twin(file: str, unpacked: Container[str]) -> str | None:
    """The same file as it lies unpacked, if it does."""
    return next((one for one in spellings(file) if one in unpacked), None)


def _differs(root: Path, file: str, size: int, unpacked: Container[str]) -> str:
    twin = _twin(file, unpacked)
    if twin is None or (root / twin).stat().st_size == size:
        return ""
    return f"{twin} is the same file unpacked, by its name, but of another size: that one is taken"


def _refused(member: str, seen: Container[str]) -> str:
    """Why a member cannot be used; nothing for one that can."""
    if not is_text(member):
        return NOT_UTF_8
    if is_archive(member):
        return "it is an archive in an archive: unpack the outer one"
    if member in seen:
        return "another file has its name"
    try:
        safe_name(member)
    except ArchiveError as error:
        return str(error)
    return ""


def _is_hidden(member: str) -> bool:
    """Whether a member is what macOS or a tool left beside the files.

    >>> _is_hidden("__MACOSX/a.mp4"), _is_hidden("a/._b.mp4"), _is_hidden("../a.mp4")
    (True, True, False)
    """
    parts = member.split("/")
    return "__MACOSX" in parts or any(part.startswith(".") and part != ".." for part in parts)


def _stem(archive: str) -> str:
    ending = next(one for one in ARCHIVES if archive.lower().endswith(one))
    return archive[: -len(ending)]


def _order(file: str) -> list[tuple[bool, str]]:
    """As `walk` sorts what is unpacked: the files of a folder before its folders."""
    *folders, name = spellings(file)[1].split("/")
    return [*((True, folder) for folder in folders), (False, name)]
