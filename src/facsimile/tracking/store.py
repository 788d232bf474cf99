"""The MLflow store behind an address: is it there, and did it refuse or only fail?"""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from functools import cached_property
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from facsimile.errors import UserError

SILENT = "it does not answer"
PATIENCE = 1.0  # seconds that asking whether it is there may take
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)  # seconds until a store that is away is asked again
PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
# what is wrong with the entry itself, so that sending it again would not help
REFUSALS = {
    "INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS",
    "INVALID_STATE", "ENDPOINT_NOT_FOUND",
}  # fmt: skip
# so MLflow words what its database does not take, but also a connection that broke
REFUSED_BY_DATABASE = ("DataError", "IntegrityError")


class AwayError(Exception):
    """The store cannot be reached now."""


class Store:
    """One experiment of an MLflow store.

    Args:
        tracking_uri: A database (`sqlite:///mlflow.db`, `postgresql://…`) or a server's address.
        experiment_name: Made where it is not there.
        artifact_location: Of a new experiment, as `s3://bucket/folder`; None: the store's own.

    Raises:
        UserError: It is there and cannot be used, or the address is of no kind that MLflow knows.
    """

    def __init__(
        self, tracking_uri: str, experiment_name: str, artifact_location: str | None = None
    ) -> None:
        self.tracking_uri, self.experiment_name = tracking_uri, experiment_name
        self.artifact_location = artifact_location
        self._lock = threading.Lock()
        self._failures, self._ask_after = 0, 0.0
        self.reason = SILENT  # why it cannot be used, once it cannot

    @cached_property
    def client(self) -> Any:
        """MLflow's client."""
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        logging.getLogger("mlflow").setLevel(logging.WARNING)  # not its database's migrations
        try:
            return MlflowClient(tracking_uri=self.tracking_uri)
        except (MlflowException, OSError, ImportError) as error:
            raise self._unusable(error) from error

    @cached_property
    def experiment_id(self) -> str:
        """The experiment's id.

        Raises:
            AwayError: The store cannot be reached.
            UserError: It takes no runs in the experiment, which was deleted.
        """
        from mlflow.exceptions import MlflowException

        try:
            found = self.client.get_experiment_by_name(self.experiment_name)
            if found is None:
                name, place = self.experiment_name, self.artifact_location
                return str(self.client.create_experiment(name, artifact_location=place))
        except (MlflowException, OSError) as error:
            if not self.is_local and not is_refusal(error):
                raise AwayError(str(error)) from error
            raise self._unusable(error) from error
        if found.lifecycle_stage == "deleted":
            raise UserError(
                f"the experiment {self.experiment_name} was deleted from {self.shown}: `mlflow "
                f"experiments restore --experiment-id {found.experiment_id}` brings it back, or "
                "logger.mlflow.experiment_name=NAME takes another"
            )
        return str(found.experiment_id)

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine, which cannot go away."""
        return not urlsplit(self.tracking_uri).hostname

    @property
    def shown(self) -> str:
        """The address without the password that it may hold."""
        return without_password(self.tracking_uri)

    def is_there(self, at_once: bool = False) -> bool:
        """Whether it answers; after a failure it is asked again only after a pause.

        Args:
            at_once: Ask now, whatever the last answers were.
        """
        if self.is_local:
            return True
        with self._lock:
            if self._failures and not at_once and time.monotonic() < self._ask_after:
                return False
            answers = _answers(self.tracking_uri)
            self._failures = 0 if answers else self._failures + 1
            self.reason = self.reason if answers else SILENT
            self._wait()
            return answers

    def failed(self, reason: str) -> None:
        """Note that a request failed, and why, although the store had answered."""
        with self._lock:
            self._failures += 1
            self.reason = self.worded(reason)
            self._wait()

    def worded(self, error: object) -> str:
        """An error's text without the password, which MLflow's own have with the address."""
        return str(error).replace(self.tracking_uri.rstrip("/"), self.shown.rstrip("/"))

    def _wait(self) -> None:
        if self._failures:
            pause = PAUSES[min(self._failures, len(PAUSES)) - 1]
            self._ask_after = time.monotonic() + pause

    def _unusable(self, error: Exception) -> UserError:
        return UserError(
            f"MLflow cannot be used at logger.mlflow.tracking_uri={self.shown}: "
            f"{self.worded(error)}"
        )


def without_password(address: str) -> str:
    """An address as it may be shown.

    >>> without_password("postgresql://me:secret@host/mlflow?password=secret&x=1")
    'postgresql://me:…@host/mlflow?password=…&x=1'
    """
    hidden = re.sub(r"(//[^/@:]*):.*@", r"\1:…@", address)
    return re.sub(r"(?<=[?&]password=)[^&]*", "…", hidden)


def is_refusal(error: Exception) -> bool:
    """Whether the store read what was sent and does not take it."""
    if type(error.__cause__).__name__ in REFUSED_BY_DATABASE:
        return True
    if isinstance(error, OSError):  # an answer that cannot be read is one, and a ValueError as well
        return False
    known = isinstance(error, ValueError | TypeError | KeyError)
    return known or getattr(error, "error_code", None) in REFUSALS


def _answers(address: str) -> bool:
    """Whether anything answers there in time; a server that is overloaded or starting does not."""
    parts = urlsplit(address)
    scheme = parts.scheme.partition("+")[0]
    if scheme not in PORTS:
        return True  # MLflow's own, as databricks://: nothing here knows how to ask
    try:
        if scheme.startswith("http"):  # for the page of its health nobody needs a password
            bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
            with urllib.request.urlopen(f"{bare.rstrip('/')}/health", timeout=PATIENCE):
                return True
        place = (str(parts.hostname), parts.port or PORTS[scheme])
        with socket.create_connection(place, timeout=PATIENCE):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500  # it is there, and may want a password for this page
    except (OSError, ValueError, HTTPException):  # the last of what does not speak HTTP
        return False
