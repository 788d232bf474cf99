"""What DVC's own program says of a project: where its cache and its remotes are."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from facsimile.errors import UserError


class Stores(NamedTuple):
    """Folders that hold copies, and the addresses of remotes that cannot be looked into."""

    folders: list[Path]
    elsewhere: list[str]


def stores(root: Path) -> Stores:
    """Return where DVC keeps copies for a project; nowhere if it is not DVC's.

    Raises:
        UserError: DVC is needed and is not installed, or cannot say.
    """
    if not (root / ".dvc").is_dir():
        return Stores([], [])
    settings = (line.partition("=") for line in ask_dvc(root, "config", "--list"))
    remotes = [value for key, _, value in settings if is_address(key)]
    local = {one: one.removeprefix("file://") for one in remotes}
    folders = [*ask_dvc(root, "cache", "dir"), *(p for p in local.values() if "://" not in p)]
    return Stores(
        [root / folder for folder in folders], [one for one, p in local.items() if "://" in p]
    )


def is_address(key: str) -> bool:
    """Whether a setting says where a remote is."""
    return key.startswith("remote.") and key.endswith(".url")


def ask_dvc(root: Path, *arguments: str) -> list[str]:
    """The lines that dvc's own program prints in a project.

    Raises:
        UserError: It is not installed, or fails.
    """
    beside = Path(sys.executable).with_name("dvc")
    program = str(beside) if beside.is_file() else shutil.which("dvc")
    if program is None:
        raise UserError(
            f"{root} is a DVC project, and dvc, which knows where the copies are, is not "
            "installed: pip install 'facsimile[data]'"
        )
    command = [program, *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"`dvc {' '.join(arguments)}` in {root} failed: {done.stderr.strip()}")
    return done.stdout.splitlines()
