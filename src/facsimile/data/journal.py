"""Which file of a batch is being read: known even where reading it ends the process."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from facsimile.errors import UserError


class Journal:
    """Two small files in a batch's folder: which files were begun, and which were found guilty.

    Files are known by their numbers in the batch. Each attempt writes the first list anew, a line
    for what is read together; what was found guilty stays so until the batch is done.

    Args:
        folder: The batch's; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._begun, self._guilty = folder / "begun", folder / "guilty"

    def attempt(self) -> bool:
        """Begin anew, without what an earlier attempt left; returns whether there was one.

        Then every file is to be read by itself, since one of them may have ended it.
        """
        again = self._begun.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path not in (self._begun, self._guilty):
                path.unlink()
        self._begun.write_text("")
        return again

    def begin(self, numbers: Iterable[int]) -> None:
        """Say that these files are read from now on, and none before them any more."""
        # closed, it outlives the process and is seen by other machines
        with self._begun.open("a") as file:
            file.write(" ".join(map(str, numbers)) + "\n")

    def guilty(self) -> set[int]:
        """The files that must not be read again."""
        return set(map(int, self._guilty.read_text().split())) if self._guilty.exists() else set()

    def blame(self) -> None:
        """Find that file guilty which was being read when the process ended.

        Where several were read together, the next attempt will tell which it is.

        Raises:
            UserError: none was.
        """
        lines = self._begun.read_text().splitlines() if self._begun.exists() else []
        if not lines:
            raise UserError(
                f"the process that was to extract {self.folder.name} ended before it read any "
                "file, which is not the data's fault: is there memory left for the detector?"
            )
        if lines[-1].isdecimal():
            with self._guilty.open("a") as file:
                file.write(lines[-1] + "\n")
