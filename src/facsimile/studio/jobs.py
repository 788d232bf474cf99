"""Work in the background that shows how far it is, can be cancelled and outlives the server."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, runtime_checkable

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from facsimile.data.description import DataSetDescription
from facsimile.errors import UserError
from facsimile.studio.errors import NotFoundError, RefusedError, TakenError
from facsimile.studio.schema import Job
from facsimile.studio.tables import DataSetRow, JobRow
from facsimile.studio.views import job, state

_LOG = logging.getLogger(__name__)
_EVERY = 0.3  # seconds between two notes of how far it is
_ATTEMPTS = 3  # servers that may end while one job is running
LIVE = ("waiting", "running")
_DOING = {"fetch": "fetching", "check": "checking"}


class CancelledError(Exception):
    """Somebody cancelled the job."""


class StoppedError(Exception):
    """The server is ending; the next one goes on with the job."""


@runtime_checkable
class Steps(Protocol):
    """What work tells how far it is."""

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell that `done` of `total` are done; raises where it is to end here."""
        ...


class Progress:
    """How far a job is, as its work tells and others see it."""

    def __init__(self, engine: Engine, number: int) -> None:
        self._engine, self._id = engine, number
        self.cancelled, self.stopped = threading.Event(), threading.Event()
        self._told = 0.0

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell that `done` of `total` are done.

        Raises:
            CancelledError: The work is not wanted any more.
            StoppedError: It is to end here and to go on later.
        """
        if self.cancelled.is_set():
            raise CancelledError
        if self.stopped.is_set():
            raise StoppedError
        if time.monotonic() - self._told < _EVERY:
            return
        self._told = time.monotonic()
        with Session(self._engine) as session:
            if (row := session.get(JobRow, self._id)) is not None:
                row.done, row.total, row.note = done, total, note
                session.commit()


#: Does what a kind of job is for; `Steps.step` is to be called often.
Work = Callable[[int, DataSetDescription, Steps], None]


class Jobs:
    """The jobs of all data sets, one at a time for each.

    Args:
        engine: The database.
        work: What is to be done, by kind.
        at_once: Jobs that run at the same time; others wait.
    """

    def __init__(self, engine: Engine, work: Mapping[str, Work], at_once: int = 1) -> None:
        self._engine, self._work = engine, work
        self._at_once = at_once
        self._pool: ThreadPoolExecutor | None = None
        self._live: dict[int, Progress] = {}
        self._lock = threading.Lock()

    def resume(self) -> None:
        """Go on with what an earlier server left; what ended three of them is given up."""
        with Session(self._engine) as session:
            rows = session.scalars(select(JobRow).where(JobRow.state.in_(LIVE)).order_by(JobRow.id))
            waiting = []
            for row in list(rows):
                if row.attempts >= _ATTEMPTS:
                    row.state, row.ended = "failed", time.time()
                    row.note = f"the server ended {row.attempts} times during it"
                else:
                    row.state, row.note = "waiting", "it goes on after a restart of the server"
                    waiting.append(row.id)
                self._show(session, row)
            session.commit()
        for number in waiting:
            self._submit(number)

    def start(self, name: str, kind: str) -> Job:
        """Begin a job.

        Raises:
            NotFoundError: There is no such data set.
            RefusedError: It cannot be understood, or has no address to be fetched.
            TakenError: Something is being done with it already.
        """
        with self._lock, Session(self._engine) as session:
            owner = _owner(session, name)
            said = DataSetDescription(**owner.described) if owner.described else None
            if said is None or owner.error:
                raise RefusedError(f"{name} cannot be used: {owner.error}")
            if kind == "fetch" and not said.address:
                raise RefusedError(f"{name} has no address: there is nothing to fetch")
            live = JobRow.state.in_(LIVE)
            if session.scalar(select(JobRow.id).where(JobRow.number == owner.number, live)):
                raise TakenError(f"something is being done with {name} already")
            row = JobRow(number=owner.number, kind=kind, created=time.time())
            session.add(row)
            session.flush()
            self._show(session, row)
            shown = job(row, name)
            session.commit()
        self._submit(shown.id)
        return shown

    def list(self, name: str) -> "tuple[Job, ...]":
        """The jobs of a data set, the last one first."""
        with Session(self._engine) as session:
            owner = _owner(session, name)
            of_it = select(JobRow).where(JobRow.number == owner.number)
            rows = session.scalars(of_it.order_by(JobRow.id.desc()).limit(50))
            return tuple(job(row, name) for row in rows)

    def get(self, number: int) -> Job:
        """A job; raises NotFoundError where there is none."""
        with Session(self._engine) as session:
            row = _job(session, number)
            owner = session.get(DataSetRow, row.number)
            return job(row, owner.name if owner else "")

    def cancel(self, number: int) -> Job:
        """End a job before it is done; one that has ended stays as it is."""
        with self._lock, Session(self._engine) as session:
            row = _job(session, number)
            if (running := self._live.get(number)) is not None:
                running.cancelled.set()
            if row.state == "waiting":
                self._end(session, row, "cancelled", "")
            session.commit()
        return self.get(number)

    def close(self, wait: bool = True) -> None:
        """Stop all jobs where they are; `resume` goes on with them."""
        for progress in list(self._live.values()):
            progress.stopped.set()
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=True)
        self._pool = None

    def _submit(self, number: int) -> None:
        self._live[number] = Progress(self._engine, number)
        self._pool = self._pool or ThreadPoolExecutor(self._at_once, thread_name_prefix="job")
        self._pool.submit(self._run, number)

    def _run(self, number: int) -> None:
        progress = self._live[number]
        try:
            begun = self._begin(number)
            if begun is not None and not progress.stopped.is_set():
                self._do(number, *begun, progress)
        except Exception:  # whatever happens, the next job is done
            _LOG.exception("job %d could not be done", number)
        finally:
            self._live.pop(number, None)

    def _begin(self, number: int) -> tuple[str, int, DataSetDescription] | None:
        """Kind, data set and its description; None where the job was cancelled in between."""
        with self._lock, Session(self._engine) as session:
            row = _job(session, number)
            owner = session.get(DataSetRow, row.number)
            if row.state != "waiting" or owner is None or owner.described is None:
                return None
            row.state, row.started, row.attempts = "running", time.time(), row.attempts + 1
            self._show(session, row)
            begun = row.kind, owner.number, DataSetDescription(**owner.described)
            session.commit()
        return begun

    def _do(
        self, number: int, kind: str, owner: int, said: DataSetDescription, progress: Progress
    ) -> None:
        ended, note = "done", ""
        try:
            self._work[kind](owner, said, progress)
        except StoppedError:
            return  # its row says running: the next server goes on
        except CancelledError:
            ended = "cancelled"
        except UserError as error:
            ended, note = "failed", str(error)
        except Exception as error:
            _LOG.exception("job %d of %s failed", number, said.name)
            ended, note = "failed", f"{type(error).__name__}: the server's log says more"
        with self._lock, Session(self._engine) as session:
            self._end(session, _job(session, number), ended, note)
            session.commit()

    def _end(self, session: Session, row: JobRow, ended: str, note: str) -> None:
        row.state, row.note, row.ended = ended, note, time.time()
        if ended == "done" and row.total is not None:
            row.done = row.total
        self._show(session, row)

    def _show(self, session: Session, row: JobRow) -> None:
        """Let the data set's state say what is being done with it."""
        owner = session.get(DataSetRow, row.number)
        if owner is not None:
            doing = {"waiting": "waiting", "running": _DOING[row.kind]}
            owner.state = doing.get(row.state or "waiting") or state(owner)


def _owner(session: Session, name: str) -> DataSetRow:
    live = select(DataSetRow).where(DataSetRow.name == name, DataSetRow.deleted.is_(None))
    if (row := session.scalar(live)) is None:
        raise NotFoundError(f"there is no data set {name}")
    return row


def _job(session: Session, number: int) -> JobRow:
    if (row := session.get(JobRow, number)) is None:
        raise NotFoundError(f"there is no job {number}")
    return row
