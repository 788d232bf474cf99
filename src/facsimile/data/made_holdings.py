"""What of a person lies in the pictures and videos that were made here of a data set.

Such a folder is made anew by the command that made it, so that a part of it that shows the person
goes as a whole, whoever else is in it.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from facsimile.data.batching import safe_file_name
from facsimile.data.dfdc_writing import PEOPLE
from facsimile.data.holdings import Holding, Person, files_of

_TO = "_to_"  # of a rendered direction


def of_stressed(folder: Path, person: Person) -> Holding:
    """Of a condition's clips: all of them, if the person is seen in a frame or named.

    A clip that was cut together shows several people.
    """
    tables = sorted((folder / "frames").glob("[!.]*.parquet"))
    seen = any(
        (pd.read_parquet(table, columns=["subject"])["subject"] == person.subject).any()
        for table in tables
    )
    told = _yaml(folder / "stress.yaml").get("clips") or {}
    named = any(one.get("subject") == person.subject for one in told.values())
    return _whole(folder) if seen or named else Holding()


def of_study(folder: Path, person: Person) -> Holding:
    """Of what a study made of stressed clips: all, if a video is named after the person or a clip.

    Videos of a swap have the name of its direction, restored ones that of the clip; pages and
    tables beside them have none, but show the same people. The files of the study itself, which lie
    in its folder and not below, stay.
    """
    files = [name for name in files_of(folder) if "/" in name]
    clips = {safe_file_name(clip) for clip in person.clips}
    videos = {Path(name).stem for name in files if name.endswith(".mp4")}
    theirs = any(one in clips or person.subject in one.split(_TO) for one in videos)
    return Holding(whole=set(files)) if theirs else Holding()


def of_fakes(folder: Path, person: Person) -> Holding:
    """Of a pair's videos: all, if the person is one of the two, whether as source or as target.

    Somebody of that name whose clips are known and are not among theirs is another data set's.
    """
    path = folder / PEOPLE
    if not path.is_file():
        return Holding()
    people = pd.read_csv(path, dtype=str, keep_default_na=False)
    own = people[people["target"] == person.subject]
    clips = {*own["clip"], *(Path(name).stem for name in own["filename"])}
    known = clips & person.clips if person.clips else clips
    return _whole(folder) if known else Holding()


def of_blends(folder: Path, person: Person) -> Holding:
    """Of self-blended pairs: the person's pictures, and their rows of blends.parquet."""
    path = folder / "blends.parquet"
    if not path.is_file():
        return Holding()
    rows = pd.read_parquet(path, columns=["real", "fake", "subject"])
    rows = rows[rows["subject"] == person.subject]
    if rows.empty:
        return Holding()
    return Holding(set(rows["real"]) | set(rows["fake"]), {path.name: len(rows)})


def made_of(folder: Path) -> str | None:
    """Which data set self-blended pairs were made of, as their source.yaml says; None: unsaid."""
    said = _yaml(folder / "source.yaml").get("made of")
    return None if said is None else str(said)


def _whole(folder: Path) -> Holding:
    return Holding(whole=set(files_of(folder)))


def _yaml(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}
