"""Our own swapped videos: laid out as DFDC, and with the people in them known."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from facsimile.data.dfdc import DfdcDataset
from facsimile.data.dfdc_writing import PEOPLE
from facsimile.data.lists import ListError, read_csv
from facsimile.data.packed import contents
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.data.shown import ON, swapped_name
from facsimile.errors import UserError


@dataclass(frozen=True)
class _Shown:
    target: str
    source: str

    @property
    def subject(self) -> str:
        """The person, or of a fake whose face is on whose body: neither embedding fits it."""
        return swapped_name(self.source, self.target) if self.source else self.target


class FakesDataset(DfdcDataset):
    """The parts that `facsimile fakes` wrote: videos as in DFDC, with `people.csv` beside them.

    A real video's subject is who it shows, a fake's is `cap_on_franck`. A fake stems from its
    original, so that a split has it where it has that body and those surroundings. The face it
    shows may be that of somebody whom training sees or must not see: `held_out` sets such fakes
    aside.

    Args:
        root: The folder of the parts.
        name: What its clips give as their data set.
        held_out: People whom training must not see, two or more: a fake of one of them and of
            somebody who is not is set aside, whoever's the face is. Nobody: no fake is set aside.

    Raises:
        UserError: There is no such folder, nobody of a name that is held out, or no fake of two
            who are.
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
        self._check_held_out(list(people.values()))
        for entry in super().entries():
            yield self._known(entry, people) if isinstance(entry, Clip) else entry

    def _check_held_out(self, shown: Sequence[_Shown]) -> None:
        known = {one.target for one in shown}
        if missing := sorted(self.held_out - known):
            raise UserError(f"data.held_out: {missing[0]} is none of {', '.join(sorted(known))}")
        if self.held_out and not any({one.target, one.source} <= self.held_out for one in shown):
            raise UserError(
                f"data.held_out={sorted(self.held_out)}: no fake shows two of them, so that none "
                "could be tested on; hold out both people of a pair"
            )

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
        if ON in shown.target or ON in shown.source:
            return Problem(path, f"{PEOPLE} has a name with {ON!r}, which stands between two names")
        if reason := self._mixed(shown):
            return Problem(path, reason)
        return replace(clip, subject=shown.subject)

    def _mixed(self, shown: _Shown) -> str:
        """Why a fake would show training somebody who is held out, or a test somebody it knows."""
        target, source = shown.target, shown.source
        if not source or (target in self.held_out) == (source in self.held_out):
            return ""
        held_out, other = (target, source) if target in self.held_out else (source, target)
        return f"it shows {held_out}, who is held out, and {other}, who is not"
