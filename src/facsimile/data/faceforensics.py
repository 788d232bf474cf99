"""FaceForensics++: original sequences, and what each method made of pairs of them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from facsimile.data.faceforensics_names import METHODS, ORIGINALS, OfficialSplits, Video, video_at
from facsimile.data.groups import connected
from facsimile.data.listing import Listing
from facsimile.data.packed import contents, spellings
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.data.tree import is_video
from facsimile.errors import UserError

COMPRESSIONS = ("raw", "c23", "c40")
_OUTSIDE = "downloaded_videos/"  # the whole films that the sequences were cut from


class FaceForensicsDataset(Listing):
    """The videos of one compression, at their official places below a folder.

    A fake `<target>_<source>` shows the target's frames, so its faces lie where the target's do,
    and mixes two originals: it and both have one origin, the numbers that fakes and official pairs
    connect (a pair of the 1000 sequences; all of the actors that were ever swapped with each
    other). `official` is that of `splits/{train,val,test}.json`, lists of pairs, where they are
    there; the actors are in none of them.

    `subject` is the actor's number for the actors' originals. For the sequences from YouTube it
    is empty: their numbers count sequences, of which several may show one person, and identity
    has to come from the faces. It is empty for every fake, which shows neither of its two people.

    Folders and lists may lie in zip or tar archives. What is there both packed and unpacked is
    taken once, unpacked; a clip has the same name either way.

    Args:
        root: The folder that holds `original_sequences` and `manipulated_sequences`.
        name: What its clips give as their data set.
        compression: raw, c23 or c40.
        methods: Folders of `manipulated_sequences`; those that are there when None.

    Raises:
        UserError: there is no such folder, method or compression.
    """

    def __init__(
        self,
        root: Path | str,
        name: str = "faceforensics",
        compression: str = "c23",
        methods: Sequence[str] | None = None,
    ) -> None:
        super().__init__(root, name)
        _check([compression], COMPRESSIONS)
        _check(methods or (), METHODS)
        self.compression = compression
        self.methods = None if methods is None else tuple(methods)

    def entries(self) -> Iterator[Clip | Problem]:
        """The problems of files and lists, then every video in the order of the paths."""
        found = list(contents(self.root))
        yield from (one for one in found if isinstance(one, Problem))
        files = [one for one in found if isinstance(one, str)]
        official = OfficialSplits()
        yield from official.read(self.root, files)
        videos: dict[str, Video] = {}
        yield from self._choose((name for name in files if is_video(name)), official, videos)
        yield from self._missing(videos, official)
        yield from self._clips(videos, official)

    def _choose(
        self, files: Iterable[str], official: OfficialSplits, videos: dict[str, Video]
    ) -> Iterator[Problem]:
        """Fill `videos`, by their clips' names."""
        for file in files:
            if (at := video_at(file)) is None:
                if not any(_OUTSIDE in f"{place}/".lower() for place in spellings(file)):
                    yield Problem(file, "it lies at no place of FaceForensics++")
                continue
            compression, video = at
            wanted = (*ORIGINALS, *(METHODS if self.methods is None else self.methods))
            if compression != self.compression or video.kind not in wanted:
                continue
            splits = {official.of[one] for one in video.people if one in official.of}
            if not video.people:
                yield Problem(file, "its name is not that of a sequence or <target>_<source>")
            elif len(splits) > 1 and video.family == "youtube":
                yield Problem(file, f"it mixes sequences of {' and '.join(sorted(splits))}")
            elif video.clip in videos:
                yield Problem(file, f"{videos[video.clip].file} is the same video, by its name")
            else:
                videos[video.clip] = video

    def _missing(self, videos: dict[str, Video], official: OfficialSplits) -> Iterator[Problem]:
        """What the official pairs promise of each kind that is there or was asked for."""
        there = {video.kind for video in videos.values()} | set(self.methods or ())
        for kind in sorted((there & set(METHODS[:-1])) | {ORIGINALS[0]}):
            if not any(clip.startswith(f"{kind}/") for clip in videos):
                yield Problem(kind, f"there is no {self.compression} video of it")
                continue
            for a, b in official.pairs:
                for name in (a, b) if kind in ORIGINALS else (f"{a}_{b}", f"{b}_{a}"):
                    if f"{kind}/{name}" not in videos:
                        yield Problem(f"{kind}/{name}", "the official splits list it: not there")

    def _clips(self, videos: dict[str, Video], official: OfficialSplits) -> Iterator[Clip]:
        groups = {
            family: connected(
                [one.people for one in videos.values() if one.family == family]
                + (official.pairs if family == "youtube" else [])
            )
            for family in ORIGINALS
        }
        for video in videos.values():
            group = groups[video.family][video.people[0]]
            splits = {official.of[one] for one in group.split("+") if one in official.of}
            is_fake = video.kind in METHODS
            yield Clip(
                self.root / video.file,
                self.name,
                video.clip,
                f"actor_{video.people[0]}" if video.kind == "actors" else "",
                "video",
                label=int(is_fake),
                origin=f"{video.family}/{group}",
                official=splits.pop() if video.family == "youtube" and len(splits) == 1 else "",
                boxes_of=video.original if is_fake and video.original in videos else "",
            )


def _check(given: Iterable[str], known: Sequence[str]) -> None:
    for one in given:
        if one not in known:
            raise UserError(f"FaceForensics++ has no {one}: choose among {', '.join(known)}")
