"""The data of a run: this project's where it is the same, else brought back by DVC."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from facsimile.errors import UserError
from facsimile.pipelines.dvc_stores import ask_dvc, is_address, stores
from facsimile.pipelines.origin import known_to_dvc

TAG = "dvc."
CHANGED = ("modified", "deleted")


def give_data(root: Path, source: Path, tags: Mapping[str, str]) -> str:
    """Put the run's data below a working tree of its commit; returns what to say of it.

    Args:
        root: The project.
        source: The working tree, without data.
        tags: Of the run: `dvc.PATH` is the hash of what it read there.

    Raises:
        UserError: Data has changed since, and neither DVC's cache nor a remote has it as it was.
    """
    wanted = {key.removeprefix(TAG): md5 for key, md5 in tags.items() if key.startswith(TAG)}
    if not wanted:
        _link(root / "data", source / "data")
        return "the data is not in DVC: whether it is the same shows in the run's version"
    other = _changed(root, wanted)
    if not other:
        _link(root / "data", source / "data")
        return f"the data is as it was, by {len(wanted)} hashes of DVC"
    for path in sorted(wanted.keys() - other):
        _link(root / path, source / path)
    _restore(root, source, {path: wanted[path] for path in other})
    return f"brought back by DVC: {', '.join(sorted(other))}"


def _changed(root: Path, wanted: Mapping[str, str]) -> set[str]:
    """Paths that hold something else now, by the lock or by what lies there."""
    present = known_to_dvc(root)
    other = {path for path, md5 in wanted.items() if present.get(path) != md5}
    status = json.loads("\n".join(ask_dvc(root, "data", "status", "--json")) or "{}")
    uncommitted = status.get("uncommitted", {})
    touched = {str(path) for kind in CHANGED for path in _paths(uncommitted.get(kind, []))}
    return other | {
        path
        for path in wanted
        if any(f"{one.rstrip('/')}/".startswith(f"{path}/") for one in touched)
    }


def _paths(listed: list[object]) -> list[object]:
    """Renamed paths come as pairs, of which the first is gone."""
    return [one["old"] if isinstance(one, dict) else one for one in listed]


def _restore(root: Path, source: Path, wanted: Mapping[str, str]) -> None:
    pinned = known_to_dvc(source)
    if strange := sorted(path for path, md5 in wanted.items() if pinned.get(path) != md5):
        raise UserError(
            f"the run read {strange[0]} as {wanted[strange[0]]}, which its commit does not pin "
            f"({pinned.get(strange[0], 'nothing')}): it cannot be brought back"
        )
    _hand_over(root, source)
    try:
        ask_dvc(source, "checkout", *wanted)
    except UserError:
        _pull(source, sorted(wanted))


def _pull(source: Path, paths: list[str]) -> None:
    try:
        ask_dvc(source, "pull", *paths)
    except UserError as error:
        reason = str(error).partition("failed: ")[2].partition("\n")[0]
        raise UserError(
            f"{', '.join(paths)}: not here as the run read it, nor in DVC's cache, and no remote "
            f"gave it ({reason}). What `dvc repro` makes is kept in the cache, what is made by "
            "hand is not; `dvc remote add -d NAME PLACE` names a remote that has it"
        ) from error


def _hand_over(root: Path, source: Path) -> None:
    """Let the working tree have the project's cache and remotes.

    Folders in .dvc/config are told from where that lies, and what is of this machine is not in git.
    """
    local = root / ".dvc/config.local"
    if local.is_file():
        shutil.copy(local, source / ".dvc")
    for key, _, value in (line.partition("=") for line in ask_dvc(root, "config", "--list")):
        if is_address(key) and "://" not in value:
            ask_dvc(source, "config", "--local", key, str((root / value).resolve()))
    ask_dvc(source, "cache", "dir", "--local", str(stores(root).folders[0].resolve()))


def _link(there: Path, here: Path) -> None:
    here.parent.mkdir(parents=True, exist_ok=True)
    here.symlink_to(there.resolve())
