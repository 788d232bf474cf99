"""Any video, image or folder of them as a data set, where no data config describes it."""

from collections import Counter
from collections.abc import Iterator
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
        names = self._names(videos)
        for path in videos:
            yield Clip(path, self.name, names[path], self._subject(path), "video")
        numbers: Counter[Path] = Counter()
        for path in images:
            folder = path.parent
            clip = "_".join(folder.relative_to(self.root).parts) or self.name
            frame = numbers[folder]
            numbers[folder] += 1
            yield Clip(path, self.name, clip, self._subject(path), "image", frame)

    def _subject(self, path: Path) -> str:
        return path.stem if path.parent == self.root else path.parent.name

    def _names(self, videos: list[Path]) -> dict[Path, str]:
        """A name for each video: its path without the suffix, unless two would be the same."""
        short = {p: "_".join(p.relative_to(self.root).with_suffix("").parts) for p in videos}
        count = Counter(short.values())
        return {
            path: name if count[name] == 1 else "_".join(path.relative_to(self.root).parts)
            for path, name in short.items()
        }


def _media(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and path.suffix.lower() in VIDEOS | IMAGES:
            yield path
