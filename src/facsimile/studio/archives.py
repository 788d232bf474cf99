"""Unpacking what was fetched: bounded in files, bytes and in how much it swells."""

from pathlib import Path

from facsimile.errors import UserError
from facsimile.media.archive import extract_all, member_names, safe_name
from facsimile.media.files import atomic_folder
from facsimile.studio.errors import TooLargeError
from facsimile.studio.jobs import Steps
from facsimile.studio.settings import Limits


def unpack(archive: Path, folder: Path, limits: Limits, progress: Steps) -> None:
    """Unpack a tar or zip archive to a folder that is there whole or not at all.

    The archive is deleted then, and also where it cannot be unpacked: it would stay so.

    Raises:
        ArchiveError: It is none, is damaged, or a name leads out of the folder.
        TooLargeError: It has more files, bytes or bytes for each of its own than are taken.
    """
    try:
        _unpack(archive, folder, limits, progress)
    except UserError:
        archive.unlink(missing_ok=True)
        raise
    archive.unlink()


def _unpack(archive: Path, folder: Path, limits: Limits, progress: Steps) -> None:
    names = member_names(archive)
    if len(names) > limits.members:
        raise TooLargeError(f"{archive.name} has more than {limits.members} files")
    for name in names:
        safe_name(name)
    progress.step(0, len(names), "unpacking")
    most = int(min(limits.unpacked, limits.ratio * archive.stat().st_size))
    with atomic_folder(folder) as partial:
        extract_all(archive, partial, most, most)
