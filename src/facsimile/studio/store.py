"""The data sets of this machine: their files, and a database of what is known of them."""

import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from facsimile.data.description import DataSetDescription, problems
from facsimile.errors import UserError
from facsimile.studio.errors import NotFoundError, RefusedError, StaleError, TakenError, Wrong
from facsimile.studio.files import DescriptionFiles, etag
from facsimile.studio.schema import DataSet, Page
from facsimile.studio.tables import DataSetRow
from facsimile.studio.views import data_set, state, summary

Compose = Callable[[str], Mapping[str, Any]]
Check = Callable[[DataSetDescription], list[Wrong]]

SORTS = {
    "number": DataSetRow.number,
    "name": DataSetRow.name,
    "state": DataSetRow.state,
    "changed": DataSetRow.changed,
}


class DataSets:
    """Lists, reads, writes and deletes data sets; may be used by many threads.

    A file that was added, edited or deleted by hand counts from the next call on, or after `pause`.

    Args:
        engine: The database.
        files: The data sets' files.
        check: What cannot be of a description on this machine.
        compose: Gives the fields of a data set's file, whoever wrote it.
        pause: Seconds for which readers do not look at the files again; a change always does.
    """

    def __init__(
        self,
        engine: Engine,
        files: DescriptionFiles,
        check: Check,
        compose: Compose | None = None,
        pause: float = 0.0,
    ) -> None:
        self.engine, self.files = engine, files
        self._check, self._compose = check, compose
        self._pause, self._looked = pause, -math.inf
        self._lock = threading.RLock()  # a file and its row change together

    def list(self, search: str = "", sort: str = "number", page: int = 1, size: int = 20) -> Page:
        """Some data sets, those that have every word of `search`.

        Args:
            search: Words, in any case.
            sort: One of `SORTS`, with a - before it for the last first.
            page: From 1; beyond the last there are none.
            size: Of a page.
        """
        self.refresh()
        query = select(DataSetRow).where(DataSetRow.deleted.is_(None))
        for word in search.lower().replace("\0", "\ufffd").split():  # SQL's texts end with the one
            query = query.where(DataSetRow.searched.contains(word, autoescape=True))
        column = SORTS[sort.removeprefix("-")]
        order = column.desc() if sort.startswith("-") else column.asc()
        with Session(self.engine) as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            chosen = query.order_by(order, DataSetRow.number)
            rows = session.scalars(chosen.limit(size).offset((page - 1) * size)).all()
            items = [summary(row) for row in rows]
        pages = max(1, -(-total // size))
        return Page(items=items, total=total, page=page, pages=pages, size=size)

    def get(self, name: str) -> DataSet:
        """A data set; raises NotFoundError where there is none."""
        self.refresh()
        with Session(self.engine) as session:
            return data_set(self._row(session, name))

    def described(self, name: str) -> DataSetDescription:
        """What is said of a data set.

        Raises:
            NotFoundError: There is none.
            RefusedError: Its file, written by hand, cannot be understood.
        """
        found = self.get(name)
        if found.description is None:
            raise RefusedError(f"{self.files.path(name)} cannot be used: {found.error}")
        return found.description

    def etag(self, name: str) -> str:
        """The hash of a data set's file."""
        return self.get(name).etag

    def create(self, said: DataSetDescription) -> DataSet:
        """Add a data set; raises TakenError, or RefusedError where it cannot be."""
        self._refuse(said)
        with self._lock, Session(self.engine) as session:
            self._refresh(session)
            if self.files.path(said.name).exists():
                raise TakenError(f"there is a data set {said.name} already", [("name", "taken")])
            self._write(session, said, DataSetRow(created=time.time()))
            session.commit()
        return self.get(said.name)

    def replace(self, name: str, said: DataSetDescription, tag: str) -> DataSet:
        """Change a data set that still has the given etag.

        Raises:
            NotFoundError: There is none.
            StaleError: It was changed in between.
            RefusedError: It cannot be, or has another name.
        """
        if said.name != name:
            raise RefusedError("a name stays: create another data set", [("name", "it stays")])
        self._refuse(said)
        with self._lock, Session(self.engine) as session:
            row = self._current(session, name, tag)
            self._write(session, said, row)
            session.commit()
        return self.get(name)

    def delete(self, name: str, tag: str | None = None) -> None:
        """Delete a data set's file, which `undo` brings back; its pictures stay where they are."""
        with self._lock, Session(self.engine) as session:
            row = self._current(session, name, tag)
            row.deleted = time.time()
            self.files.remove(name)
            session.commit()

    def undo(self, name: str) -> DataSet:
        """Bring back the data set of this name that was deleted last, as it was.

        Raises:
            NotFoundError: None was.
            TakenError: There is another one by now.
        """
        with self._lock, Session(self.engine) as session:
            self._refresh(session)
            if self.files.path(name).exists():
                raise TakenError(f"there is another data set {name} by now")
            gone = select(DataSetRow).where(
                DataSetRow.name == name, DataSetRow.deleted.is_not(None)
            )
            row = session.scalar(gone.order_by(DataSetRow.deleted.desc()).limit(1))
            if row is None:
                raise NotFoundError(f"no data set {name} was deleted")
            said = DataSetDescription(**row.described) if row.described else None
            self.files.restore(name, row.yaml, said)
            row.deleted, row.stamp = None, self.files.stamp(name) or ""
            session.commit()
        return self.get(name)

    def refresh(self) -> None:
        """Take over what was changed by hand."""
        if time.monotonic() - self._looked < self._pause:
            return
        with self._lock, Session(self.engine) as session:
            self._refresh(session)
            session.commit()
        self._looked = time.monotonic()

    def _refuse(self, said: DataSetDescription) -> None:
        if wrong := self._check(said):
            raise RefusedError("; ".join(f"{field}: {why}" for field, why in wrong), wrong)

    def _row(self, session: Session, name: str) -> DataSetRow:
        live = select(DataSetRow).where(DataSetRow.name == name, DataSetRow.deleted.is_(None))
        if (row := session.scalar(live)) is None:
            raise NotFoundError(f"there is no data set {name}")
        return row

    def _current(self, session: Session, name: str, tag: str | None) -> DataSetRow:
        """The row whose file still has this etag."""
        self._refresh(session)
        row = self._row(session, name)
        if tag is not None and row.etag != tag:
            raise StaleError(f"{name} was changed in between: look at it, and change it again")
        return row

    def _write(self, session: Session, said: DataSetDescription, row: DataSetRow) -> None:
        text = self.files.write(said)
        self._take(row, said.name, text, said)
        session.add(row)

    def _take(
        self,
        row: DataSetRow,
        name: str,
        text: str,
        said: DataSetDescription | None,
        error: str = "",
    ) -> None:
        """Note in a row what its file says."""
        row.name, row.yaml, row.error = name, text, error
        row.stamp = self.files.stamp(name) or ""
        row.etag, row.changed = etag(text.encode()), time.time()
        row.described = said.model_dump() if said else None
        words = (name, said.details, said.source, said.kind, said.licence) if said else (name,)
        row.searched = "\n".join(words).lower()
        row.state = state(row)

    def _refresh(self, session: Session) -> None:
        stamps = select(DataSetRow.name, DataSetRow.stamp).where(DataSetRow.deleted.is_(None))
        known = {name: stamp for name, stamp in session.execute(stamps)}
        there = {name: stamp for name in self.files.names() if (stamp := self.files.stamp(name))}
        for name in known.keys() - there.keys():
            self._row(session, name).deleted = time.time()
        for name in sorted(there):
            if known.get(name) != there[name]:
                self._read(session, name, self._row(session, name) if name in known else None)

    def _read(self, session: Session, name: str, row: DataSetRow | None) -> None:
        """Take over a file that was written by hand."""
        try:
            text = self.files.path(name).read_bytes().decode("utf-8", "replace")
        except OSError:
            return
        if row is not None and row.etag == etag(text.encode()):
            row.stamp = self.files.stamp(name) or ""
            return
        said, error = self._understood(name)
        row = row or DataSetRow(created=time.time())
        self._take(row, name, text, said, error)
        session.add(row)

    def _understood(self, name: str) -> tuple[DataSetDescription | None, str]:
        if self._compose is None:
            return None, "nobody here can read what was written by hand"
        try:
            said = DataSetDescription(**self._compose(name))
        except ValidationError as error:
            return None, "; ".join(f"{field}: {why}" for field, why in problems(error))
        except (UserError, ValueError, TypeError) as error:
            return None, str(error)
        wrong = [*self._check(said), *([("name", f"it is {name}")] if said.name != name else [])]
        return said, "; ".join(f"{field}: {why}" for field, why in wrong)
