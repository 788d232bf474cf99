"""The runs of an experiment: found, begun, ended, and sent to a store that may be away."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from facsimile.errors import Pruned, UserError
from facsimile.tracking.delivery import ENDINGS, PARENT, VERSION, find_run, kept_journals
from facsimile.tracking.journal import LOCAL, RUNNING, Journal
from facsimile.tracking.sender import Sender
from facsimile.tracking.spool import kept_elsewhere, note_address, spool_folder
from facsimile.tracking.store import AwayError, Store, is_refusal

ERROR, INTERRUPTED, PRUNED = ENDINGS
REASON = 2000  # characters
_TOLD: set[str] = set()  # addresses of stores that are away


class Runs:
    """The runs of one MLflow experiment.

    What is logged goes through a journal on disk, one a run, so that a server that is away loses
    nothing: it gets the rest when it is back, at the end of the run, or from `send_kept`.

    Args:
        tracking_uri: A database (`sqlite:///mlflow.db`) or a server's address. The plain file
            store is refused by MLflow 3.
        experiment_name: Made where it is not there.
        spool: The folder of the journals; None: they live no longer than the tracker.
        artifact_location: Where a new experiment's files go; None: where the store puts them.
        refuse: Whether a store that cannot be reached is an error, before any work.

    Raises:
        UserError: The store cannot be opened, or not be reached and `refuse` is set.
    """

    def __init__(
        self,
        tracking_uri: str,
        experiment_name: str = "facsimile",
        spool: Path | None = None,
        artifact_location: str | None = None,
        refuse: bool = False,
    ) -> None:
        self.tracking_uri, self.experiment_name = tracking_uri, experiment_name
        self.store = Store(tracking_uri, experiment_name, artifact_location)
        self._own = None if spool else TemporaryDirectory(prefix="facsimile-mlflow-")
        self.folder = spool_folder(spool or Path(str(self._own and self._own.name)), tracking_uri)
        self._senders: dict[str, Sender] = {}
        if not self._is_open() and refuse:
            raise UserError(
                f"MLflow cannot be used at logger.mlflow.tracking_uri={self.store.shown}: "
                f"{self.store.reason}; start it, or let runs go on without it, with "
                "logger.mlflow.when_away=keep"
            )

    @property
    def client(self) -> Any:
        """MLflow's own client, for what is only read."""
        return self.store.client

    @property
    def experiment_id(self) -> str:
        """The id of the experiment."""
        return self.store.experiment_id

    def open_run(self, name: str, version: str, parent: str | None = None) -> str:
        """Find the run of this version (below the same parent), or create it; returns its id."""
        run_id = self.find_run(version, parent) or self._made(name, version, parent)
        self._sender(run_id).journal.own()
        self._log(run_id, do="status", status=RUNNING)
        return run_id

    def _made(self, name: str, version: str, parent: str | None) -> str:
        run_id = f"{LOCAL}{uuid4().hex[:16]}"
        tags = {VERSION: version} | ({PARENT: parent} if parent else {})
        self._log(run_id, do="create", name=name, tags=tags, time=now())
        journal = self._senders[run_id].journal
        if (known := journal.run_id) is None:
            return run_id
        journal.remove()
        return known

    def find_run(self, version: str, parent: str | None = None) -> str | None:
        """The id of the run of this version below this parent, if there is one."""
        for journal in kept_journals(self.folder):
            tags = journal.created_as
            if tags.get(VERSION) == version and tags.get(PARENT) == parent:
                return journal.folder.name
        with self._reading() as there:
            return find_run(self.store, version, self._known(parent)) if there else None
        return None

    def tags(self, run_id: str) -> dict[str, str]:
        """The run's tags; of a server that is away, those that are not sent yet."""
        with self._reading() as there:
            if there and (known := self._known(run_id)):
                return dict(self.client.get_run(known).data.tags)
        entries = self._sender(run_id).journal.entries(all_of_them=True)
        return {k: v for entry, _ in entries for k, v in entry.get("tags", {}).items()}

    @contextmanager
    def ending(self, run_id: str) -> Iterator[None]:
        """End the run as the block ends: FINISHED, FAILED by an exception, KILLED by Ctrl-C.

        A pruned trial is KILLED too, and what SIGTERM ends. A tag says why it came to no end.
        """
        try:
            yield
        except BaseException as error:
            name, why = _reason(error)
            self._log(run_id, do="tags", tags={name: why})
            self.finish(run_id, "FAILED" if name == ERROR else "KILLED")
            raise
        self.finish(run_id)

    def finish(self, run_id: str, status: str = "FINISHED") -> None:
        """End the run as FINISHED, FAILED or KILLED, and send what was kept of it."""
        sender = self._sender(run_id)
        sender.journal.append({"do": "status", "status": status, "time": now()})
        if sender.send(at_once=True):
            sender.journal.clear()
        else:
            self._tell_of(sender)
        sender.journal.disown()

    def remove(self, run_id: str) -> None:
        """Take a run out of the experiment's list."""
        self._log(run_id, do="delete")
        journal = self._sender(run_id).journal
        if journal.is_sent:
            journal.clear()
        journal.disown()

    def is_finished(self, run_id: str) -> bool:
        """Whether the run has ended well, as far as the store can be asked."""
        with self._reading() as there:
            known = self._known(run_id) if there else None
            return known is not None and self.client.get_run(known).info.status == "FINISHED"
        return False

    def send_kept(self) -> Iterator[str]:
        """Send what other commands kept; yields what to say of each of their runs.

        A run whose process was killed has not ended by its own word: it ends as KILLED.
        """
        for journal in kept_journals(self.folder):
            ended = _end_if_killed(journal)
            if journal.is_sent:
                continue
            if journal.is_owned:
                yield f"{journal.run_id or journal.folder.name}: is being made, and sends its own"
                continue
            sender = Sender(journal, self.store)
            done = sender.send(at_once=True)
            run = journal.run_id or journal.folder.name
            told = f"sent{ended}" if done else f"not sent, {sender.reason or 'it is in use'}"
            yield f"{run}: {told}"
            if done:
                journal.clear()
        for address in kept_elsewhere(self.folder):
            yield f"something is kept for {address}: logger.mlflow.tracking_uri=… sends it there"

    def _is_open(self) -> bool:
        if not self.store.is_there(at_once=True):
            return False
        try:
            return bool(self.experiment_id)
        except AwayError as error:
            self.store.failed(str(error))
            return False

    def _sender(self, run_id: str) -> Sender:
        if run_id not in self._senders:
            self._senders[run_id] = Sender(Journal(self.folder / run_id), self.store)
        return self._senders[run_id]

    def _log(self, run_id: str, **entry: Any) -> None:
        sender = self._sender(run_id)
        sender.journal.append(entry)
        if not sender.send():
            self._tell_of(sender)

    def _known(self, run_id: str | None) -> str | None:
        """The id by which the store knows a run."""
        return None if run_id is None else self._sender(run_id).journal.run_id

    @contextmanager
    def _reading(self) -> Iterator[bool]:
        """Whether the store can be asked; the block ends early where it cannot after all."""
        for sender in [*self._senders.values()]:
            sender.send()
        try:
            yield self.store.is_there()
        except Exception as error:
            if self.store.is_local or is_refusal(error):
                raise
            self.store.failed(str(error))

    def _tell_of(self, sender: Sender) -> None:
        """Say once that the store is away."""
        if sender.reason is None or self.tracking_uri in _TOLD:
            return
        _TOLD.add(self.tracking_uri)
        note_address(self.folder, self.store.shown)
        print(
            f"MLflow at {self.store.shown} cannot be used now ({sender.reason}): the run goes on, "
            f"and what it logs is kept in {self.folder}; it is sent when the server is back, or by "
            "`facsimile track`",
            file=sys.stderr,
        )


def _reason(error: BaseException) -> tuple[str, str]:
    """The name and the text of the tag that says why a run ended early.

    Lightning makes an exit of Ctrl-C, and of SIGTERM.
    """
    if isinstance(error, Pruned):
        return PRUNED, str(error)
    stopped = isinstance(error, KeyboardInterrupt | SystemExit)
    told = error.__context__ or error if isinstance(error, SystemExit) else error
    return INTERRUPTED if stopped else ERROR, f"{type(told).__name__}: {told}"[:REASON]


def _end_if_killed(journal: Journal) -> str:
    """Note the end of a run whose process is gone, at the time of its last word; says so."""
    if journal.is_owned is not False or not journal.is_open:
        return ""
    last = journal.written
    journal.append({"do": "tags", "tags": {INTERRUPTED: "its process was killed"}})
    journal.append({"do": "status", "status": "KILLED", "time": last})
    return "; its process was killed, and so it is KILLED"


def now() -> int:
    """The time in milliseconds, as MLflow counts it."""
    return int(time.time() * 1000)
