"""Any video, image, archive or folder of them as a data set."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from itertools import chain, count
from pathlib import Path, PurePosixPath

from facsimile.data.folder_labels import PathPattern, Said, Table
from facsimile.data.listing import Listing
from facsimile.data.lists import ListError
from facsimile.data.packed import contents, members, spellings
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.data.tree import is_archive, is_image, is_video, suffixes
from facsimile.errors import UserError


class FolderDataset(Listing):
    """The videos and images below a folder and in the archives there, or one file.

    A video is a clip of its own. Without a pattern or table, the images of a folder are one clip,
    numbered in the order of their names, and the subject is the folder's name, or the file's
    stem for what lies at the top; nothing is fake. With one of them every image is a clip,
    and label, subject, split and origin are what they say: give the frames of one video one
    origin.

    A member of an archive (zip, tar) is at `archive.zip/member`; names and subjects are those that
    it has once unpacked into a folder `archive`, and where it is there unpacked, it comes once.
    Files of other kinds and hidden ones are no part of it; a link that leads out of the folder is a
    problem.

    Args:
        root: The folder, archive, video or image.
        name: What the clips give as their data set; the root's name when None.
        pattern: See `PathPattern`.
        table: See `Table`; a path, or one below the root.
        file_types: Only files of these types, as jpg (see `TYPES`); None for all that are known.
        crop: `no` where the pictures are face crops already, whose pixels are to be kept.

    Raises:
        UserError: there is no such file or folder, both a pattern and a table are given, one of
            them cannot be used, or a type is not known.
    """

    def __init__(
        self,
        root: Path | str,
        name: str | None = None,
        pattern: str | None = None,
        table: Path | str | None = None,
        file_types: Sequence[str] | None = None,
        crop: int | str = "face",
    ) -> None:
        given = Path(root)
        if not given.exists():
            raise UserError(f"there is no {given}: give an existing video, image or folder")
        #: What paths of this data set are told relative to.
        super().__init__(given if given.is_dir() else given.parent, name or given.resolve().stem)
        if pattern is not None and table is not None:
            raise UserError("a pattern and a table were given: labels come from one of them")
        self._only = None if given.is_dir() else given.name
        self._pattern, self._table = pattern, table
        self._suffixes = None if file_types is None else suffixes(file_types)
        self._cropped = crop == "no"

    @property
    def labelled(self) -> bool:
        """Whether anything says which clips are fake; else all count as real."""
        return self._pattern is not None or self._table is not None

    def entries(self) -> Iterator[Clip | Problem]:
        """Problems of files, then videos, then images; raises UserError where there is no clip."""
        files: list[str] = []
        said: dict[str, Said] = {}
        labels = self._labels()
        problems = [*self._files(files), *self._ask(labels, files, said)]
        yield from problems
        if not said:
            raise UserError(self._nothing(problems))
        names = self._names(list(said), alone=labels is not None)
        frames: Counter[str] = Counter()
        for file, name in names.items():
            yield self._clip(file, name, frames[name], said[file])
            frames[name] += 1

    def _ask(
        self, labels: PathPattern | Table | None, files: list[str], said: dict[str, Said]
    ) -> Iterator[Problem]:
        """Fill `said` with what is said of each file."""
        for file in sorted(files, key=lambda file: _spelt(file).split("/")):
            answer = _answer(labels, file) if labels else Said(subject=_subject(file))
            if isinstance(answer, Said):
                said[file] = answer
            else:
                yield Problem(file, answer)
        yield from labels.problems() if labels else ()

    def _nothing(self, problems: list[Problem]) -> str:
        told = f"{self.root / (self._only or '')} holds no video and no image that can be used"
        first = (f"; the first problem: {one.path}: {one.reason}" for one in problems)
        return told + next(first, "")

    def _files(self, files: list[str]) -> Iterator[Problem]:
        """Fill `files` with what may be used."""
        for file in self._found():
            if isinstance(file, Problem):
                yield file
            elif self._only == file or self._is_wanted(file):
                files.append(file)

    def _is_wanted(self, file: str) -> bool:
        if self._suffixes is not None and not file.lower().endswith(self._suffixes):
            return False
        return is_video(file) or is_image(file)

    def _found(self) -> Iterator[str | Problem]:
        if self._only is None:
            return contents(self.root)
        return members(self.root, self._only) if is_archive(self._only) else iter([self._only])

    def _labels(self) -> PathPattern | Table | None:
        if self._pattern is not None:
            return PathPattern(self._pattern)
        if self._table is None:
            return None
        path = Path(self._table)
        try:
            return Table(path if path.exists() else self.root / path)
        except ListError as error:
            raise UserError(f"table={self._table}: {error}") from error

    def _clip(self, file: str, name: str, frame: int, said: Said) -> Clip:
        return Clip(
            self.root / file,
            self.name,
            name,
            said.subject,
            "image" if is_image(file) else "video",
            frame,
            said.label,
            cropped=self._cropped and is_image(file),
            origin=said.origin,
            official=said.split,
        )

    def _names(self, files: list[str], alone: bool) -> dict[str, str]:
        """From each file to its clip, videos first; images share one unless they stand alone."""
        images = [file for file in files if is_image(file)]
        videos = [file for file in files if not is_image(file)]
        shared = {} if alone else self._of_folders(images)
        names: dict[str, str] = {}
        used = set(shared.values())
        for file in [*videos, *(images if alone else ())]:
            names[file] = _unused_name(file, used)
            used.add(names[file])
        return names | shared

    def _of_folders(self, images: list[str]) -> dict[str, str]:
        """The clip of each image: `a_b` of the folder a/b, or `a/b` where there is a folder a_b."""
        folder_of = {image: _spelt(image).rpartition("/")[0] for image in images}
        folders = dict.fromkeys(folder_of.values())
        often = Counter(folder.replace("/", "_") for folder in folders)
        names = {
            folder: short if often[short := folder.replace("/", "_")] == 1 else folder
            for folder in folders
        }
        if "" in names:  # what lies at the top has the data set's name
            names[""] = _first_unused(self.name, self.name, set(names.values()))
        return {image: names[folder] for image, folder in folder_of.items()}


def _answer(labels: PathPattern | Table, file: str) -> Said | str:
    """What is said of a file by its path, or by one that it has once unpacked."""
    first, *others = (labels.of(place) for place in spellings(file))
    return next((one for one in [first, *others] if isinstance(one, Said)), first)


def _spelt(file: str) -> str:
    """The path, as if each archive were a folder of its name: unpacking it renames nothing."""
    return spellings(file)[-1]


def _subject(file: str) -> str:
    path = PurePosixPath(_spelt(file))
    return path.parent.name or path.stem


def _unused_name(file: str, used: Container[str]) -> str:
    """The path without the suffix; with it, or with a number, where that is another clip."""
    name = _spelt(file).replace("/", "_")
    return _first_unused(name.removesuffix(PurePosixPath(file).suffix), name, used)


def _first_unused(name: str, other: str, used: Container[str]) -> str:
    numbered = (f"{other}-{number}" for number in count(2))
    return next(one for one in chain([name, other], numbered) if one not in used)
