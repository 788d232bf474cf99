"""Whether a path stays within a data set's folder."""

from pathlib import Path


def inside(path: Path, root: Path) -> bool:
    """Whether a path, all symbolic links followed, is a folder or lies in it.

    For loaders: what a link leads to outside the data set is none of its files. A `root` that is
    itself a link is followed too; a path in an archive lies where the archive does.

    >>> inside(Path("/data/a/../b/x.jpg"), Path("/data/b")), inside(Path("/etc"), Path("/data"))
    (True, False)
    """
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # links in a circle
        return False
