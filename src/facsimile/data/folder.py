"""Any video, image or folder of them as a data set, where no data config describes it."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from facsimile.data.records import Clip
from facsimile.errors import UserError

VIDEOS = {".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm", ".wmv"}
IMAGES = {".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}


class FolderDataset:
    """The videos and images below a folder, or one file.

    A video is a clip of its own; the images of a folder are one clip, numbered in the order of
    their names. The subject is the folder's name, or the file's stem for what lies at the top.
    Files of other kinds and hidden ones are no part of it.

    Raises:
        UserError: There is no such file or folder.
    """

    def __init__(self, root: Path | str) -> None:
        given = Path(root)
        if not given.exists():
            raise UserError(f"there is no {given}: give input= an existing video, image or folder")
        self.name = given.resolve().stem
        #: What paths of this data set are told relative to.
        self.root = given if given.is_dir() else given.parent
        self._files = [given] if given.is_file() else sorted(_media(given))

    def clips(self) -> Iterator[Clip]:
        """Every clip, videos first; raises UserError where there is none."""
        images = [path for path in self._files if path.suffix.lower() in IMAGES]
        videos = [path for path in self._files if path not in set(images)]
        if not self._files:
            raise UserError(f"{self.root} holds no video and no image that can be read")
        used = Counter(self._folder_name(path) for path in images)
        for path in videos:
            name = self._unused_name(path, used)
            used[name] += 1
            yield Clip(path, self.name, name, self._subject(path), "video")
        numbers: Counter[str] = Counter()
        for path in images:
            name = self._folder_name(path)
            yield Clip(path, self.name, name, self._subject(path), "image", numbers[name])
            numbers[name] += 1

    def _subject(self, path: Path) -> str:
        return path.stem if path.parent == self.root else path.parent.name

    def _folder_name(self, path: Path) -> str:
        return "_".join(path.parent.relative_to(self.root).parts) or self.name

    def _unused_name(self, path: Path, used: Counter[str]) -> str:
        """The path without the suffix; with it, or with a number, where that is another clip."""
        name = "_".join(path.relative_to(self.root).parts)
        numbered = (f"{name}-{number}" for number in count(2))
        names = chain([name.removesuffix(path.suffix), name], numbered)
        return next(name for name in names if name not in used)


def _media(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and path.suffix.lower() in VIDEOS | IMAGES:
            yield path
