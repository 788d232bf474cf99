"""Sends a journal while the work that fills it goes on, and what is left when it ends."""

from __future__ import annotations

import threading

from facsimile.tracking.delivery import send
from facsimile.tracking.journal import Journal
from facsimile.tracking.store import AwayError, Store

GATHER = 1.0  # seconds in which what comes is sent together


class Sender:
    """One run's way to the store.

    Whoever trains only adds to the journal; the thread sends. A store that is away costs nobody
    but the thread any time.
    """

    def __init__(self, journal: Journal, store: Store) -> None:
        self.journal, self.store = journal, store
        self.reason: str | None = None  # why the last sending failed
        self._sending = threading.Lock()
        self._woken, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def send(self, at_once: bool = False) -> bool:
        """Send what is left if the store is there; returns whether nothing is left.

        Args:
            at_once: Ask the store, even if it was away a moment ago.
        """
        with self._sending:
            if self.journal.is_sent:
                return True
            if not self.store.is_there(at_once):
                self.reason = self.store.reason
                return False
            try:
                return send(self.journal, self.store)
            except AwayError as error:
                self.store.failed(str(error))
                self.reason = self.store.reason
                return False

    def start(self) -> None:
        """Send from a thread of its own from now on."""
        if self._thread is not None:
            return
        self._ended.clear()
        self._thread = threading.Thread(target=self._serve, name="mlflow-sender", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Tell the thread that there is something to send."""
        self._woken.set()

    def stop(self) -> None:
        """End the thread; the rest is sent by whoever asks next."""
        if self._thread is not None:
            self._ended.set()
            self._woken.set()
            self._thread.join()
            self._thread = None

    def _serve(self) -> None:
        while not self._ended.is_set():
            self._woken.wait(GATHER if not self.journal.is_sent else None)
            self._woken.clear()
            self._ended.wait(GATHER)
            if not self._ended.is_set():
                self.send()
