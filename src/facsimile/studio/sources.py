"""Where a data set lies on this machine, and what lists it."""

from collections.abc import Callable, Iterable
from pathlib import Path

from facsimile.data.description import DataSetDescription
from facsimile.data.dfdc import DfdcDataset
from facsimile.data.faceforensics import FaceForensicsDataset
from facsimile.data.fakes import FakesDataset
from facsimile.data.folder import FolderDataset
from facsimile.data.listing import Listing
from facsimile.data.openforensics import OpenForensicsDataset
from facsimile.data.openforensics_crops import OpenForensicsCropsDataset
from facsimile.data.self_blended import SelfBlendedDataset
from facsimile.studio.errors import RefusedError, Wrong
from facsimile.studio.settings import StudioSettings

_OTHERS: dict[str, Callable[[Path, str], Listing]] = {
    "dfdc": DfdcDataset,
    "faceforensics": FaceForensicsDataset,
    "openforensics": OpenForensicsDataset,
    "openforensics_crops": OpenForensicsCropsDataset,
    "fakes": FakesDataset,
    "self_blended": SelfBlendedDataset,
}


class Sources:
    """Finds what a description names, and nothing outside the allowed folders."""

    def __init__(self, settings: StudioSettings) -> None:
        self._settings = settings
        self._tools = settings.tools

    def place(self, said: DataSetDescription) -> Path:
        """The folder or archive of a data set, links followed; it need not be there.

        Raises:
            RefusedError: It lies outside the allowed folders.
        """
        if said.address:
            return self.own(said.name)
        return self._allowed(Path(said.root), "root")

    def own(self, name: str) -> Path:
        """The folder of what is fetched or uploaded for a data set."""
        return self._settings.raw.resolve() / name

    def listing(self, said: DataSetDescription) -> Listing:
        """What lists the data set; raises UserError where nothing is there."""
        place = self.place(said)
        if said.kind != "folder":
            return _OTHERS[said.kind](place, said.name)
        table = None if said.table is None else self._table(place, said.table)
        types = said.file_types or None
        return FolderDataset(place, said.name, said.pattern, table, types, said.crop)

    def wrong(self, said: DataSetDescription) -> list[Wrong]:
        """What cannot be of a description on this machine."""
        found: list[Wrong] = []
        if said.name in self._settings.reserved:
            found.append(("name", "the project has a data set of this name: choose another"))
        if said.detector not in self._tools.detectors:
            found.append(("detector", _one_of(self._tools.detectors)))
        known = self._tools.degradations
        found += [("degradations", _one_of(known)) for one in said.degradations if one not in known]
        try:
            place = self.place(said)
            if said.table is not None:
                self._table(place, said.table)
        except RefusedError as error:
            found += error.wrong
        return found

    def _table(self, place: Path, table: str) -> Path:
        beside = place / table
        return self._allowed(beside if beside.is_file() else Path(table), "table")

    def _allowed(self, path: Path, field: str) -> Path:
        try:
            full = (self._settings.project / path).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # links in a circle
            raise RefusedError(f"{path} cannot be found", [(field, "no such place")]) from error
        if any(full.is_relative_to(root) for root in self._settings.allowed):
            return full
        folders = ", ".join(map(str, self._settings.allowed))
        words = f"it has to lie below {folders} (studio.roots allows more)"
        raise RefusedError(f"{path}: {words}", [(field, words)])


def _one_of(known: Iterable[str]) -> str:
    return f"choose one of {', '.join(sorted(known))}"
