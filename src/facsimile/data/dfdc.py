"""DFDC as it is downloaded: the full set's parts, the sample, the preview and the test sets."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from facsimile.data.dfdc_lists import NAMES, Refused, Row, read_list
from facsimile.data.groups import connected
from facsimile.data.listing import Listing
from facsimile.data.lists import ListError
from facsimile.data.packed import Places, contents, spellings
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.data.tree import is_video

_Listed = dict[str, Row | Refused]
_DISAGREE = Refused("two lists, or two lines of one, disagree about its label")
_UNLISTED = Refused(f"it has no label: no {', '.join(NAMES)} lists it")


class DfdcDataset(Listing):
    """The videos of the Deepfake Detection Challenge that a list beside or above them labels.

    The lists are `metadata.json` (parts of the full set, in folders of any name and depth; the
    sample set), `dataset.json` (the preview set) and `labels.csv` (validation and test set). A
    video that no list names has no label and is set aside: real or fake cannot be guessed. A list
    names a video by its path from the list's folder, or by the last part of its path further below.

    Lists and videos may lie in zip or tar archives, as they are downloaded. What is there both
    packed and unpacked is taken once, unpacked; a clip has the same name either way.

    A fake stems from its `original`, and shares its boxes where that is there. The full set names
    no person, so `subject` is empty; the preview set numbers its actors, and clips whose actors
    are connected by swaps have one origin. `official` is what the metadata say, but for the `train`
    of a `metadata.json`: every part says it, and a part of the training set may well validate. For
    `labels.csv`, which says nothing, it is the split that a folder below the root is named for,
    and test where none is.

    The label is the whole clip's. Of several faces all count as fake, though only one is swapped,
    and the fakes whose sound alone was changed are labelled FAKE though their pixels are
    untouched: the lists do not tell which those are.

    Args:
        root: The folder of one of these sets, or of several.
        name: What its clips give as their data set.

    Raises:
        UserError: there is no such folder.
    """

    def __init__(self, root: Path | str, name: str = "dfdc") -> None:
        super().__init__(root, name)

    def entries(self) -> Iterator[Clip | Problem]:
        """The problems of files and lists, then every video in the order of the paths."""
        found = list(contents(self.root))
        yield from (one for one in found if isinstance(one, Problem))
        files = [one for one in found if isinstance(one, str)]
        videos = [name for name in files if is_video(name)]
        listed: _Listed = {}
        yield from self._read_lists(files, videos, listed)
        yield from self._clips(videos, listed)

    def _read_lists(
        self, files: list[str], videos: list[str], listed: _Listed
    ) -> Iterator[Problem]:
        """Fill `listed` with what is said of each video that is there."""
        named = _Named(videos)
        for kind in NAMES:
            for name in (name for name in files if _base(name) == kind):
                try:
                    for entry, said in read_list(self.root, name):
                        found = named.find(name, entry)
                        if len(found) == 1:
                            listed[found[0]] = _agreed(listed.get(found[0]), said)
                        else:
                            yield _not_one(f"{PurePosixPath(name).parent / entry}", kind, found)
                except ListError as error:
                    yield Problem(name, str(error))

    def _clips(self, videos: list[str], listed: _Listed) -> Iterator[Clip | Problem]:
        rows = {name: row for name, row in listed.items() if isinstance(row, Row)}
        first: dict[str, str] = {}  # the file that has a clip's name
        for video in videos:
            if video in rows:
                first.setdefault(rows[video].clip, video)
        people = connected(row.people for row in rows.values())
        for video in videos:
            said = listed.get(video, _UNLISTED)
            same = first.get(said.clip if isinstance(said, Row) else PurePosixPath(video).stem)
            if same not in (None, video):
                yield Problem(video, f"{same} has the same name, and is taken")
            elif isinstance(said, Refused):
                yield Problem(video, said.reason)
            else:
                yield self._clip(video, said, rows.get(first.get(said.original, "")), people)

    def _clip(
        self, video: str, row: Row, original: Row | None, people: dict[str, str]
    ) -> Clip | Problem:
        if original and original.official and row.official not in ("", original.official):
            both = f"{row.official}, and its original for {original.official}"
            return Problem(video, f"it is meant for {both}: training would see what is tested")
        return Clip(
            self.root / video,
            self.name,
            row.clip,
            row.people[0] if row.people and not row.label else "",
            "video",
            label=row.label,
            origin=people[row.people[0]] if row.people else row.original,
            official=row.official,
            boxes_of=row.original if original else "",
        )


class _Named:
    """The videos by what lists call them."""

    def __init__(self, videos: list[str]) -> None:
        self._exact = Places(videos)
        self._by_name: dict[str, list[str]] = {}
        for video in videos:
            self._by_name.setdefault(_base(video), []).append(video)

    def find(self, path: str, entry: str) -> list[str]:
        """What a list at that path may mean: the video that it names, or else all further below."""
        same = self._by_name.get(_base(entry), [])
        return self._exact.beside(path, entry) or [v for v in same if _is_below(v, path, entry)]


def _is_below(video: str, path: str, entry: str) -> bool:
    """Whether a video lies below a list's folder and its path ends like the entry."""
    tail = f"/{PurePosixPath(entry)}".lower()
    folders = [PurePosixPath(place).parent for place in spellings(path)]
    places = [PurePosixPath(one) for one in spellings(video) if f"/{one}".lower().endswith(tail)]
    return any(folder in place.parents for place in places for folder in folders)


def _not_one(path: str, kind: str, found: list[str]) -> Problem:
    if not found:
        return Problem(path, f"{kind} lists it: it is not there")
    return Problem(path, f"{kind} lists it, and may mean any of {', '.join(found)}")


def _base(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _agreed(before: Row | Refused | None, now: Row | Refused) -> Row | Refused:
    """What counts of two lists: the one that has a label; the first if both have, or neither."""
    if before is None or before is _DISAGREE:
        return before or now
    if isinstance(before, Row) and isinstance(now, Row) and now.label != before.label:
        return _DISAGREE
    return now if isinstance(now, Row) and not isinstance(before, Row) else before
