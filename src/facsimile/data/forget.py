"""People who withdrew their consent: the list that extraction and selection respect."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd
import yaml

from facsimile.data.records import Clip
from facsimile.errors import UserError
from facsimile.media.files import atomic_path

_LIST = "withdrawn.yaml"
_HEAD = "# data set -> subject -> the models trained on them; `facsimile forget` adds to it\n"


def withdrawn(data_root: Path, dataset: str) -> set[str]:
    """Return the subjects of a data set who withdrew, as `<data_root>/withdrawn.yaml` lists them.

    Raises:
        UserError: the list cannot be read; to go on without it would bring people back.
    """
    return set(_read(data_root).get(dataset, {}))


def without_withdrawn(clips: Iterable[Clip], gone: Collection[str]) -> list[Clip]:
    """Return the clips that show none of the subjects who are gone, in their order.

    A fake that names nobody goes as well if it was made from a clip of theirs.
    """
    given = list(clips)
    theirs = {clip.clip for clip in given if clip.subject in gone}
    return [
        clip
        for clip in given
        if clip.subject not in gone and not (clip.subject == "" and clip.origin in theirs)
    ]


def show_withdrawn(faces: pd.DataFrame, gone: Collection[str]) -> "pd.Series[bool]":
    """Return which faces show the subjects who are gone.

    They are what `forget` erases: faces of theirs, and those that name nobody and were made from a
    clip that shows nobody else by name.

    Args:
        faces: Columns clip, subject and origin.
        gone: Who withdrew.
    """
    theirs = faces.subject.isin(gone)
    others = faces["clip"][~theirs & (faces.subject != "")]
    own = set(faces["clip"][theirs]) - set(others)
    return theirs | ((faces.subject == "") & faces.origin.isin(own))


def trained_on(data_root: Path, dataset: str, subject: str) -> list[str]:
    """Return the models that the list names for a subject; empty for one who did not withdraw."""
    return _read(data_root).get(dataset, {}).get(subject, [])


def withdraw(data_root: Path, dataset: str, subject: str, models: Iterable[str]) -> None:
    """Add a subject to the list, with the names of the models that were trained on them.

    What the list says already stays. There is no date in it: the same withdrawals give the same
    bytes.
    """
    known = _read(data_root)
    subjects = known.setdefault(dataset, {})
    subjects[subject] = sorted({*subjects.get(subject, ()), *models})
    with atomic_path(data_root / _LIST) as partial:
        text = yaml.safe_dump(known, allow_unicode=True, sort_keys=True)
        partial.write_text(_HEAD + text, encoding="utf-8")


def _read(data_root: Path) -> dict[str, dict[str, list[str]]]:
    path = data_root / _LIST
    if not path.is_file():
        return {}
    try:
        known = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return {str(name): _subjects(given) for name, given in known.items()}
    except (yaml.YAMLError, AttributeError, TypeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path} must map data sets to subjects to lists of models; correct it: {error}"
        ) from error


def _subjects(given: dict[str, list[str] | None]) -> dict[str, list[str]]:
    return {str(subject): [str(m) for m in models or ()] for subject, models in given.items()}
