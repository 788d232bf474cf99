"""A data set's settings from a running studio: `get("mine", "detector")`."""

import os
from typing import Any
from urllib.parse import quote

import httpx

from facsimile.errors import UserError

SERVER, TOKEN = "FACSIMILE_STUDIO", "FACSIMILE_STUDIO_TOKEN"
_DEFAULT = "http://127.0.0.1:8080"
_SECONDS = 10.0


def get(
    name: str, key: str | None = None, *, server: str | None = None, token: str | None = None
) -> Any:
    """One setting of a data set, or all of them.

    Args:
        name: The data set.
        key: As `detector` or `degradations.0`; None for all, as a dictionary.
        server: The studio's address; None for the environment's FACSIMILE_STUDIO, else this
            machine's port 8080.
        token: None for the environment's FACSIMILE_STUDIO_TOKEN, if any.

    Raises:
        UserError: The studio cannot be reached, or has no such data set or setting.
    """
    base = (server or os.environ.get(SERVER, _DEFAULT)).rstrip("/")
    url = f"{base}/api/v1/datasets/{quote(name, safe='')}/config"
    if key is not None:
        url += f"/{quote(key, safe='')}"
    answer = _ask(url, token or os.environ.get(TOKEN))
    if not answer.is_success:
        raise UserError(f"{name}: {_problem(answer)}")
    return answer.json() if key is None else answer.json()["value"]


def _ask(url: str, token: str | None) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        return httpx.get(url, headers=headers, timeout=_SECONDS)
    except httpx.HTTPError as error:
        raise UserError(
            f"no studio answers at {url}: start one with `facsimile studio`, or give its "
            f"address in {SERVER} ({error})"
        ) from error


def _problem(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the studio answers {answer.status_code}"
