"""What FaceForensics++ says by names: where a video lies, who is in it, which split it is for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from facsimile.data.lists import ListError, read_json
from facsimile.data.packed import spellings
from facsimile.data.problems import Problem

ORIGINALS = ("youtube", "actors")
ACTORS = "DeepFakeDetection"  # the fakes of the actors, by Google and Jigsaw
METHODS = ("Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures", "FaceShifter", ACTORS)
SPLITS = ("train", "val", "test")

_KINDS = {kind.lower(): kind for kind in (*ORIGINALS, *METHODS)}
_PLACE = re.compile(
    r"(?:.*/)?(?:original|manipulated)_sequences/([^/]+)/([^/]+)/videos/([^/]+)\.\w+", re.IGNORECASE
)
_NAME = re.compile(r"(\d+)(?:_(\d+))?(?:__(.*?))?(?:__[0-9A-Z]{8})?")


@dataclass(frozen=True)
class Video:
    """A file at an official place.

    Args:
        file: Its path below the root.
        kind: A method, or youtube or actors for an original.
        people: The target's and the source's number, or an original's own; none for another name.
        scene: What the actors do; empty for YouTube's.
    """

    file: str
    kind: str
    people: tuple[str, ...]
    scene: str

    @property
    def clip(self) -> str:
        """Its name in the data set."""
        return f"{self.kind}/{self.file.rpartition('/')[2].rpartition('.')[0]}"

    @property
    def family(self) -> str:
        """The folder of the originals that it is one of, or was made from."""
        return "actors" if self.kind in ("actors", ACTORS) else "youtube"

    @property
    def original(self) -> str:
        """The clip whose frames it shows, the target's."""
        return f"{self.family}/{self.people[0]}" + (f"__{self.scene}" if self.scene else "")


def video_at(file: str) -> tuple[str, Video] | None:
    """A file's compression and what its path says, or nothing where it lies elsewhere.

    >>> path = "manipulated_sequences/DeepFakeDetection/c23/videos/01_02__hugging__YVGY8LOK.mp4"
    >>> video_at(path)[1].original
    'actors/01__hugging'
    """
    place = next(filter(None, map(_PLACE.fullmatch, spellings(file))), None)
    if place is None or place[1].lower() not in _KINDS:
        return None
    kind, name = _KINDS[place[1].lower()], _NAME.fullmatch(place[3])
    people = tuple(filter(None, name.groups()[:2])) if name else ()
    is_named = len(people) == (1 if kind in ORIGINALS else 2)
    scene = (name and name[3]) or ""
    return place[2].lower(), Video(file, kind, people if is_named else (), scene)


def _is_split(file: str, split: str) -> bool:
    return any(f"/{place}".endswith(f"/splits/{split}.json") for place in spellings(file))


@dataclass
class OfficialSplits:
    """The pairs of `splits/{train,val,test}.json`, and the split of each number in them."""

    pairs: list[tuple[str, ...]] = field(default_factory=list)
    of: dict[str, str] = field(default_factory=dict)

    def read(self, root: Path, files: list[str]) -> Iterator[Problem]:
        """Take in every such list among the files; what is wrong with them comes back."""
        for split in SPLITS:
            for file in (one for one in files if _is_split(one, split)):
                try:
                    yield from self._take(read_json(root / file)[0], split, file)
                except ListError as error:
                    yield Problem(file, str(error))

    def _take(self, pairs: object, split: str, file: str) -> Iterator[Problem]:
        if not isinstance(pairs, list):
            raise ListError("it is no list of pairs")
        for pair in pairs:
            if not (isinstance(pair, list) and len(pair) == 2):
                yield Problem(file, f"{pair} is no pair of two numbers")
            elif elsewhere := {self.of.get(str(one), split) for one in pair} - {split}:
                yield Problem(file, f"{pair} is in {elsewhere.pop()} already")
            else:
                self.pairs.append((str(pair[0]), str(pair[1])))
                self.of.update(dict.fromkeys(map(str, pair), split))
