"""Our own swapped videos: laid out as DFDC, and with the people in them known."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from facsimile.data.dfdc import DfdcDataset
from facsimile.data.dfdc_writing import PEOPLE
from facsimile.data.lists import ListError, read_csv
from facsimile.data.packed import contents
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.errors import UserError


@dataclass(frozen=True)
class _Shown:
    target: str
    source: str

    @property
    def subject(self) -> str:
        """The person, or of a fake whose face is on whose body: neither embedding fits it."""
        return f"{self.source}_on_{self.target}" if self.source else self.target


class FakesDataset(DfdcDataset):
    """The parts that `facsimile fakes` wrote: videos as in DFDC, with `people.csv` beside them.

    A real video's subject is who it shows, a fake's is `cap_on_franck`. A fake stems from its
    original, so that a split has it where it has that body and those surroundings. The face it
    shows may be that of somebody in another split: `held_out` sets such fakes aside.

    Args:
        root: The folder of the parts.
        name: What its clips give as their data set.
        held_out: People who are tested: a fake that brings the face of one of them to the body of
            somebody who is not is set aside, or training would see the face.

    Raises:
        UserError: There is no such folder, or nobody of a name that is held out.
    """

    def __init__(
        self, root: Path | str, name: str = "fakes", held_out: Collection[str] = ()
    ) -> None:
        super().__init__(root, name)
        self.held_out = frozenset([held_out] if isinstance(held_out, str) else held_out)

    def entries(self) -> Iterator[Clip | Problem]:
        """As in `DfdcDataset`; a video that no `people.csv` lists is set aside."""
        people: dict[str, _Shown] = {}
        yield from self._read_people(people)
        known = {shown.target for shown in people.values()}
        if missing := sorted(self.held_out - known):
            raise UserError(f"data.held_out: {missing[0]} is none of {', '.join(sorted(known))}")
        for entry in super().entries():
            yield self._known(entry, people) if isinstance(entry, Clip) else entry

    def _read_people(self, people: dict[str, _Shown]) -> Iterator[Problem]:
        for name in contents(self.root):
            if isinstance(name, str) and PurePosixPath(name).name == PEOPLE:
                try:
                    for _, row in read_csv(self.root / name, ("filename", "target", "source")):
                        clip = PurePosixPath(row["filename"]).stem
                        people[clip] = _Shown(row["target"], row["source"])
                except ListError as error:
                    yield Problem(name, str(error))

    def _known(self, clip: Clip, people: dict[str, _Shown]) -> Clip | Problem:
        path = clip.path.relative_to(self.root).as_posix()
        shown = people.get(clip.clip)
        if shown is None or not shown.target:
            return Problem(path, f"no {PEOPLE} says who is in it")
        if bool(shown.source) != bool(clip.label):
            return Problem(path, f"{PEOPLE} and metadata.json disagree about whether it is a fake")
        if shown.source in self.held_out and shown.target not in self.held_out:
            return Problem(path, f"it brings the face of {shown.source}, who is held out")
        return replace(clip, subject=shown.subject)
