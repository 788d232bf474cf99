"""What `detect` has finished, file by file: where a killed run goes on from."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from facsimile.media.files import Made, atomic_path, sha256
from facsimile.pipelines.detect_file import Judged, judge

if TYPE_CHECKING:
    import numpy as np

    from facsimile.data.records import Clip
    from facsimile.pipelines.detect_net import DetectorNet
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.provenance.signed_copy import Sign

MADE = Made(("detect.json",), ("index.html", "index.md", "maps"))
ANALYSIS = "a detector's heat map laid over faces of"
FILES, MAPS = "files", "maps"


@dataclass
class Finished:
    """A folder with the scores of each file as JSON, and its signed maps.

    Of a file the maps are written first, one at a time, and its scores last: where these are,
    nothing is missing. No more than one file's is in memory.

    Args:
        folder: Of one detector, its settings and one input alone; see `work_key`.
        net: The detector.
        root: What paths are told relative to.
        consent: On what ground the people are shown.
        files: Where the scores of each file lie that was asked for, in this order.
        maps: The names of their maps.
    """

    folder: Path
    net: DetectorNet
    root: Path
    consent: str
    files: list[Path] = field(default_factory=list)
    maps: list[str] = field(default_factory=list)

    def judged(self, clip: Clip, progress: EnhanceProgress) -> Judged:
        """The scores of a file: those of an earlier run, if it is the same file."""
        from facsimile.data.batching import safe_file_name
        from facsimile.data.sighting import relative

        new = Judged(relative(clip.path, self.root), sha256(_file(clip.path)), clip.kind)
        path = self.folder / FILES / f"{safe_file_name(new.path)}.json"
        known = self._known(path, new.sha256)
        if known is None:
            judge(self.net, clip, new, partial(self._keep, clip, new), progress)
            with atomic_path(path) as unfinished:
                text = json.dumps(asdict(new), indent=2, ensure_ascii=False)
                unfinished.write_text(text, encoding="utf-8")
        result = known or new
        self.files.append(path)
        self.maps += result.maps
        return result

    def move(self, folder: Path, problems: Mapping[str, str]) -> None:
        """Put detect.json and the maps into a folder.

        Args:
            folder: Where to.
            problems: Files that were not looked at, with the reasons.
        """
        with (folder / "detect.json").open("w", encoding="utf-8") as file:
            file.writelines(self._told(problems))
        if self.maps:
            (folder / MAPS).mkdir()
        for name in self.maps:
            (self.folder / MAPS / name).replace(folder / MAPS / name)

    def clear(self) -> None:
        """Leave nothing: all is where it belongs."""
        for part in (FILES, MAPS):
            shutil.rmtree(self.folder / part, ignore_errors=True)

    def _known(self, path: Path, digest: str) -> Judged | None:
        if not path.is_file():
            return None
        known = Judged(**json.loads(path.read_text(encoding="utf-8")))
        there = all((self.folder / MAPS / name).is_file() for name in known.maps)
        return known if there and known.sha256 == digest else None

    def _keep(self, clip: Clip, judged: Judged, name: str, picture: np.ndarray) -> None:
        from facsimile.media.image import write_image
        from facsimile.provenance.signed_copy import signed_copy

        with signed_copy(self.folder / MAPS / name, self._signer(clip, judged)) as unsigned:
            write_image(unsigned, picture)

    def _signer(self, clip: Clip, one: Judged) -> Sign:
        from facsimile.provenance.sign import Claim, sign
        from facsimile.provenance.synthetic import says_synthetic

        model = self.net.description["model"]
        claim = Claim(
            kind="detection",
            description=f"{ANALYSIS} {one.path} (SHA-256 {one.sha256}); nothing else was changed",
            model=model["name"],
            model_sha256=model["sha256"],
            training_data=tuple(model["training_data"]),
            consent=self.consent,
            shows_synthetic=says_synthetic(clip.path),
        )
        return partial(sign, claim=claim)

    def _told(self, problems: Mapping[str, str]) -> Iterator[str]:
        """detect.json, file by file."""
        told = {**self.net.description, "set_aside": problems}
        head = json.dumps(told, indent=2, ensure_ascii=False)
        yield head.removesuffix("\n}") + ',\n  "files": ['
        for number, path in enumerate(self.files):
            yield ",\n" if number else "\n"
            yield indent(path.read_text(encoding="utf-8"), "    ")
        yield "\n  ]\n}\n"


def work_key(net: DetectorNet, source: Path, consent: str) -> str:
    """Changes with all that changes a result but the files themselves."""
    told = [net.description, net.maps, str(source.resolve()), consent]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _file(path: Path) -> Path:
    """The file itself, or the archive that it is a member of."""
    return next(one for one in (path, *path.parents) if one.is_file())
