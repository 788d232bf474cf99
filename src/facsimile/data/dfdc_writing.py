"""Writing videos of known people as a part of DFDC: `metadata.json`, and who they show."""

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

from facsimile.media.files import atomic_path

METADATA, PEOPLE = "metadata.json", "people.csv"
COLUMNS = ("filename", "target", "source", "clip", "start", "stop", "swapped")
_LETTERS = 10  # of a name


@dataclass(frozen=True)
class PartVideo:
    """One video of a part.

    Args:
        name: The file's.
        target: Whose body and surroundings it shows.
        source: Whose face was put there; empty for a real video.
        original: Name of the real video that a fake was made from.
        clip: The clip of the source data set that it is cut from.
        start: Its first frame there.
        stop: The one after its last.
        swapped: Share of its frames that show a new face.
    """

    name: str
    target: str
    source: str
    original: str
    clip: str
    start: int
    stop: int
    swapped: float


def video_name(*facts: object) -> str:
    """A name as DFDC's, ten letters, that follows from the facts and shows none of them.

    >>> video_name("franck", 0, 250)
    'zaahqskzjq.mp4'
    """
    number = int(hashlib.sha256(json.dumps(facts).encode()).hexdigest(), 16)
    letters = ""
    for _ in range(_LETTERS):
        number, place = divmod(number, len(ascii_lowercase))
        letters += ascii_lowercase[place]
    return f"{letters}.mp4"


def write_part(folder: Path, videos: Sequence[PartVideo]) -> None:
    """Write what DFDC says of the videos in a folder, and what only we know of them.

    As in every part of DFDC, all are of the split `train`, and nobody is named in the metadata.

    Args:
        folder: Where the videos lie.
        videos: All that lie there.
    """
    ordered = sorted(videos, key=lambda video: video.name)
    with atomic_path(folder / METADATA) as path:
        path.write_text(json.dumps({one.name: _entry(one) for one in ordered}, indent=1))
    with atomic_path(folder / PEOPLE) as path, path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for one in ordered:
            cut = (one.clip, one.start, one.stop)
            rows.writerow((one.name, one.target, one.source, *cut, f"{one.swapped:.3f}"))


def _entry(video: PartVideo) -> dict[str, str | None]:
    label = "FAKE" if video.original else "REAL"
    return {"label": label, "split": "train", "original": video.original or None}
