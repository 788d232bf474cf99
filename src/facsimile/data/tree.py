"""The files below a data set's root, without following what leads out of it."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from facsimile.data.problems import Problem
from facsimile.errors import UserError

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
VIDEOS = (
    *(".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4"),
    *(".mpeg", ".mpg", ".ts", ".webm", ".wmv"),
)
# an animated one is an image that cannot be read as a still: it is set aside with that reason
IMAGES = (
    *(".apng", ".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff"),
    ".webp",
)
#: The suffixes of each type of file that a data set may be restricted to.
TYPES = {
    "jpg": (".jpeg", ".jpg"),
    "png": (".apng", ".png"),
    "webp": (".webp",),
    "tiff": (".tif", ".tiff"),
    "bmp": (".bmp",),
    "gif": (".gif",),
    "pnm": (".pgm", ".pnm", ".ppm"),
    "mp4": (".m4v", ".mov", ".mp4"),
    "mkv": (".mkv",),
    "avi": (".avi",),
    "webm": (".webm",),
}
NOT_UTF_8 = "its name is not UTF-8: rename it"


def walk(root: Path) -> Iterator[str | Problem]:
    """Every file below a folder as its relative path with slashes, sorted folder by folder.

    Hidden files and folders are none of it. A link is followed where it ends at a file inside the
    root; every other link, a name that is no UTF-8 and a folder that cannot be read is a problem.
    """
    yield from _below(root, "", root.resolve())


def is_video(name: str) -> bool:
    """Whether a file's name ends like a video's, in any case."""
    return name.lower().endswith(VIDEOS)


def is_image(name: str) -> bool:
    """Whether a file's name ends like an image's, in any case."""
    return name.lower().endswith(IMAGES)


def suffixes(types: Iterable[str]) -> tuple[str, ...]:
    """The suffixes of types of files; raises UserError for a type that is not known.

    >>> suffixes(["tiff", "webp"])
    ('.tif', '.tiff', '.webp')
    """
    if unknown := [name for name in types if name not in TYPES]:
        raise UserError(f"there is no file type {unknown[0]}: choose of {', '.join(TYPES)}")
    return tuple(suffix for name in types for suffix in TYPES[name])


def is_archive(name: str) -> bool:
    """Whether a file's name ends like an archive's, in any case."""
    return name.lower().endswith(ARCHIVES)


def is_text(name: str) -> bool:
    """Whether a name can be written down: not every system's bytes become UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(name: str) -> str:
    """A name for people, with a mark for what is no UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def _below(root: Path, folder: str, inside: Path) -> Iterator[str | Problem]:
    try:
        with os.scandir(root / folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield Problem(folder.rstrip("/") or ".", f"its files cannot be listed: {error.strerror}")
        return
    folders = []
    for entry in found:
        name = f"{folder}{entry.name}"
        if entry.name.startswith("."):
            continue
        if not is_text(name):
            yield Problem(shown(name), NOT_UTF_8)
        elif entry.is_symlink():
            yield _linked(root, name, inside)
        elif entry.is_dir():
            folders.append(f"{name}/")
        else:
            yield name
    for name in folders:
        yield from _below(root, name, inside)


def _linked(root: Path, name: str, inside: Path) -> str | Problem:
    path = root / name
    # Path.resolve raises where links go in circles
    if not Path(os.path.realpath(path)).is_relative_to(inside):
        return Problem(name, "it is a link that leads out of the root: put the files there instead")
    try:
        mode = path.stat().st_mode
    except OSError:
        return Problem(name, "it is a link to nothing that can be read")
    if stat.S_ISDIR(mode):
        return Problem(name, "it is a link to a folder of the root, which is listed already")
    return name if stat.S_ISREG(mode) else Problem(name, "it is a link to no file")
