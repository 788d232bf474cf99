"""The sample data set that `facsimile fetch` lays out: talking heads and the ORL faces."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from facsimile.data.listing import Listing
from facsimile.data.records import Clip
from facsimile.errors import UserError

NAME = "sample"
VIDEO_SUFFIXES = {".mp4", ".mov"}


class SampleDataset(Listing):
    """Clips and face images below one folder, as its `sources.yaml` lists them.

    A video is one clip; in a folder of images every subfolder is a person, and each image a face
    that is cropped already. It has no problems: it is fetched whole or not at all.

    Raises:
        UserError: there is no such folder.
    """

    def __init__(self, root: Path | str) -> None:
        if not Path(root).is_dir():
            raise UserError(f"there is no sample data at {root}: run `facsimile fetch`")
        super().__init__(root, NAME)

    def entries(self) -> Iterator[Clip]:
        """Yield every clip: videos by name, then images by person and number.

        Raises:
            UserError: a file or the list of sources is missing.
        """
        listed = [
            (source, self._existing(file["path"]))
            for source in self.describe().values()
            for file in source["files"]
        ]
        videos = [item for item in listed if item[1].suffix in VIDEO_SUFFIXES]
        for source, path in sorted(videos, key=lambda item: item[1].stem):
            yield Clip(path, NAME, path.stem, source["subject"], "video")
        for source, folder in listed:
            if folder.is_dir():
                yield from _images(folder, source["subject"])

    def describe(self) -> Mapping[str, Mapping[str, Any]]:
        """Return origin, licence, consent, citation, package and files of each source."""
        text = self._existing("sources.yaml").read_text(encoding="utf-8")
        sources: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
        return sources

    def _existing(self, name: str) -> Path:
        path = self.root / name
        if not path.exists():
            raise UserError(f"{path} of the sample data is missing: run `facsimile fetch`")
        return path


def _images(folder: Path, subject: str) -> Iterator[Clip]:
    paths = sorted(folder.glob("s*/*.pgm"), key=lambda path: (_number(path.parent), _number(path)))
    for path in paths:
        person = path.parent.name
        clip = Clip(path, NAME, person, f"{subject}_{person}", "image", _number(path), cropped=True)
        yield clip


def _number(path: Path) -> int:
    # s10 follows s9, not s1
    return int("".join(c for c in path.stem if c.isdigit()))
