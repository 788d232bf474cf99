"""The source of a run: a working tree of its commit, and the packages that it was made with."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from facsimile.errors import UserError

PINS = "requirements.lock"


@contextmanager
def checked_out(root: Path, revision: str, folder: Path) -> Iterator[Path]:
    """Check a commit out into a folder of its own while the block lasts.

    Args:
        root: The repository.
        revision: The commit.
        folder: Not there yet.

    Raises:
        UserError: The repository does not have the commit.
    """
    _check_commit(root, revision)
    _git(root, "worktree", "add", "--detach", "--force", str(folder), revision)
    try:
        yield folder
    finally:
        _git(root, "worktree", "remove", "--force", str(folder))


def environment_differences(root: Path, revision: str, recorded: str) -> list[str]:
    """In what the installed packages differ from those that the run's commit pins.

    Args:
        root: The repository.
        revision: The run's commit.
        recorded: SHA-256 of requirements.lock as the run found it.

    Raises:
        UserError: The repository does not have the commit.
    """
    _check_commit(root, revision)
    text = _git(root, "show", f"{revision}:{PINS}")
    if recorded and hashlib.sha256(text.encode()).hexdigest() != recorded:
        return [f"{PINS} was not as committed"]
    return [*_differences(text)]


def _differences(pins: str) -> Iterator[str]:
    for line in pins.splitlines():
        pin = _pin(line)
        if pin is None or (pin.marker is not None and not pin.marker.evaluate()):
            continue
        installed = _installed(pin.name)
        if installed is not None and not pin.specifier.contains(installed, prereleases=True):
            yield f"{pin.name} {installed} instead of {str(pin.specifier).lstrip('=')}"


def _pin(line: str) -> Requirement | None:
    r"""The requirement that a line of a lock file states.

    >>> str(_pin("numpy==2.1.0 ; python_version < '3.13' \\"))
    'numpy==2.1.0; python_version < "3.13"'
    """
    if not line or line[0] in "# -":
        return None
    try:
        return Requirement(line.rstrip("\\ "))
    except InvalidRequirement:
        return None


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:  # an extra that the run may not have needed
        return None


def _check_commit(root: Path, revision: str) -> None:
    try:
        _git(root, "cat-file", "-e", f"{revision}^{{commit}}")
    except UserError as error:
        raise UserError(
            f"the run is of commit {revision}, which {root} does not have: fetch it first"
        ) from error


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise UserError("git is needed for this, and is not installed") from error
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode(errors="replace").strip()
        raise UserError(f"`git {' '.join(arguments)}` failed: {told}") from error
    return done.stdout.decode("utf-8")
