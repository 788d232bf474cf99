"""What one pass over a data set finds: numbers by split and label, sizes, problems."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.errors import UserError
from facsimile.media.image import read_image
from facsimile.media.members import locate
from facsimile.media.video import probe

LABELS = ("real", "fake")
NO_SPLIT = "none"

_PATIENCE = 10.0  # seconds, for a file that is only looked into


class Findings:
    """Counts the clips and collects the problems of a data set below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clips: list[tuple[Path, str]] = []  # with their kinds; the rest would fill the memory
        self.problems: list[Problem] = []
        self.labels: Counter[tuple[str, str]] = Counter()
        self.faces: Counter[str] = Counter()
        self.subjects: set[str] = set()
        self.origins: set[str] = set()
        self.share_boxes = self.bytes = self.empty = 0
        self.opened: list[dict[str, Any]] = []
        self._archives: set[Path] = set()

    def add(self, entry: Clip | Problem) -> None:
        """Count one entry of the data set."""
        if isinstance(entry, Problem):
            self.problems.append(entry)
            return
        self.clips.append((entry.path, entry.kind))
        self.labels[entry.official or NO_SPLIT, LABELS[entry.label]] += 1
        self.faces.update(LABELS[face.label] for face in entry.annotations or ())
        self.subjects.update({entry.subject} - {""})
        self.origins.add(entry.origin or entry.clip)
        self.share_boxes += bool(entry.boxes_of)
        self._weigh(entry.path)

    def open_some(self, number: int) -> None:
        """Look into so many clips, spread over the data set."""
        number = min(number, len(self.clips))
        for place in range(number):
            path, kind = self.clips[place * len(self.clips) // number]
            told = {"path": path.relative_to(self.root).as_posix(), "kind": kind}
            try:
                self.opened.append(told | (_image(path) if kind == "image" else _video(path)))
            except UserError as error:
                reason = str(error).replace(str(path), "it")
                self.opened.append(told | {"reason": reason})
                self.problems.append(Problem(told["path"], reason))

    def reasons(self) -> dict[str, int]:
        """How often each reason stands among the problems, numbers in it left out, most first."""
        counts = Counter(re.sub(r"\d+", "N", problem.reason) for problem in self.problems)
        return dict(counts.most_common())

    def splits(self) -> dict[str, dict[str, int]]:
        """Clips by official split and label."""
        names = sorted({split for split, _ in self.labels}, key=_split_order)
        return {name: {label: self.labels[name, label] for label in LABELS} for name in names}

    def summary(self) -> dict[str, Any]:
        """All of it as plain values; paths are relative to the root."""
        return {
            "clips": len(self.clips),
            "kinds": dict(sorted(Counter(kind for _, kind in self.clips).items())),
            "splits": self.splits(),
            "marked_faces": {label: self.faces[label] for label in LABELS},
            "subjects": len(self.subjects),
            "origins": len(self.origins),
            "share_boxes": self.share_boxes,
            "bytes": self.bytes,
            "empty_files": self.empty,
            "opened": self.opened,
            "reasons": self.reasons(),
            "problems": [{"path": one.path, "reason": one.reason} for one in self.problems],
        }

    def _weigh(self, path: Path) -> None:
        if member := locate(path):
            if member.archive in self._archives:
                return
            self._archives.add(member.archive)
            path = member.archive
        size = path.stat().st_size
        self.bytes += size
        self.empty += not size


def _video(path: Path) -> dict[str, Any]:
    info = probe(path, _PATIENCE)
    return {
        "width": info.width,
        "height": info.height,
        "frame_rate": round(float(info.frame_rate), 3),
        "frames": info.frames,
        "sound": info.has_audio,
    }


def _image(path: Path) -> dict[str, Any]:
    height, width = read_image(path).shape[:2]
    return {"width": width, "height": height}


def _split_order(name: str) -> tuple[int, str]:
    order = ("train", "val", "test")
    return (order.index(name) if name in order else len(order), name)
