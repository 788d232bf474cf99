"""The job that fetches a data set from its address: bounded, to be continued, then unpacked."""

import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import httpx

from facsimile.data.description import DataSetDescription
from facsimile.data.tree import IMAGES, VIDEOS, is_archive
from facsimile.errors import UserError
from facsimile.media.archive import safe_name
from facsimile.studio.addresses import (
    AddressError,
    Resolver,
    checked_url,
    pinned,
    public_addresses,
    resolve,
)
from facsimile.studio.archives import unpack
from facsimile.studio.errors import TooLargeError
from facsimile.studio.jobs import Steps, Work
from facsimile.studio.settings import Limits
from facsimile.studio.sources import Sources

REDIRECTS = 5
_MOVED = (301, 302, 303, 307, 308)


class FetchError(UserError):
    """An address gives nothing that can be used."""


@dataclass(frozen=True)
class Fetcher:
    """Downloads one file; whom it may ask is decided anew for each redirect.

    Args:
        resolver: Gives a host's IP addresses.
        transport: Carries requests; None for the network, past any proxy.
    """

    resolver: Resolver = resolve
    transport: httpx.BaseTransport | None = None

    def download(self, address: str, target: Path, limits: Limits, progress: Steps) -> None:
        """Fetch an address to a file, or what is missing of its `.part`.

        Raises:
            AddressError: It, or where it leads, is not public.
            TooLargeError: It has more bytes than are taken.
            FetchError: The server does not answer, gives up, or takes too long.
        """
        part = target.with_name(f"{target.name}.part")
        end = time.monotonic() + limits.fetch_seconds
        timeout = httpx.Timeout(limits.idle_seconds)
        transport = self.transport or httpx.HTTPTransport(trust_env=False)
        try:
            # neither cookies nor a proxy's or netrc's settings go along
            with httpx.Client(transport=transport, timeout=timeout, trust_env=False) as client:
                self._follow(client, address, part, limits, end, progress)
        except httpx.HTTPError as error:
            raise FetchError(f"{address}: {type(error).__name__}: {error}") from error
        part.replace(target)

    def _follow(
        self,
        client: httpx.Client,
        address: str,
        part: Path,
        limits: Limits,
        end: float,
        progress: Steps,
    ) -> None:
        url = checked_url(address)
        for _ in range(REDIRECTS + 1):
            answer = self._ask(client, url, part)
            try:
                if answer.status_code not in _MOVED:
                    _receive(answer, part, limits, end, progress)
                    return
                url = _next(url, answer)
            finally:
                answer.close()
        raise FetchError(f"{address} leads on and on: {REDIRECTS} redirects are followed")

    def _ask(self, client: httpx.Client, url: httpx.URL, part: Path) -> httpx.Response:
        """The beginning of an answer, from an IP that was checked for this very request."""
        have, mark = _have(part)
        headers = {"accept-encoding": "identity", "user-agent": "facsimile-studio"}
        if have and mark:
            headers |= {"range": f"bytes={have}-", "if-range": mark}
        request = httpx.Request("GET", url, headers=headers)
        first, *others = public_addresses(url, self.resolver)
        for address in (first, *others):
            try:
                return client.send(pinned(request, address), stream=True, follow_redirects=False)
            except httpx.ConnectError:
                if address == (others or [first])[-1]:
                    raise
        raise AssertionError


class Fetch:
    """Fetches an address below the raw data, unpacks an archive, and checks what came."""

    def __init__(self, sources: Sources, fetcher: Fetcher, limits: Limits, check: Work) -> None:
        self._sources, self._fetcher = sources, fetcher
        self._limits, self._check = limits, check

    def __call__(self, number: int, said: DataSetDescription, progress: Steps) -> None:
        """Do the job; raises UserError where nothing can be had."""
        if said.address is None:
            raise AddressError(f"{said.name} has no address")
        folder = self._sources.own(said.name)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / file_name(said.address)
        if not target.is_file():
            self._fetcher.download(said.address, target, self._limits, progress)
        if is_archive(target.name):
            unpack(target, folder / target.name.partition(".")[0], self._limits, progress)
        self._check(number, said, progress)


def file_name(address: str) -> str:
    """What a fetched file is called: the last part of its address, if that is a known kind.

    Raises:
        AddressError: It names no archive, picture or video.

    >>> file_name("https://example.org/a/faces.zip?x=1")
    'faces.zip'
    """
    name = PurePosixPath(unquote(checked_url(address).path)).name
    if not (is_archive(name) or name.lower().endswith((*IMAGES, *VIDEOS))):
        raise AddressError("the address has to end in an archive's, picture's or video's name")
    if name.startswith(".") or len(name.encode()) > 200 or len(safe_name(name).parts) != 1:
        raise AddressError(f"{name!r} is no name for a file")
    return name


def _next(url: httpx.URL, answer: httpx.Response) -> httpx.URL:
    try:
        target = url.join(answer.headers.get("location", ""))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"{url.host} leads to no address") from error
    if url.scheme == "https" and target.scheme != "https":
        raise AddressError(f"{url.host} leads from https to {target.scheme}")
    return checked_url(str(target))


def _receive(
    answer: httpx.Response, part: Path, limits: Limits, end: float, progress: Steps
) -> None:
    """Write an answer behind what is there already, or anew where the server gives all."""
    if answer.status_code not in (200, 206):
        raise FetchError(f"the server answers {answer.status_code} {answer.reason_phrase}")
    have = _have(part)[0] if answer.status_code == 206 else 0
    if answer.status_code == 206 and not _goes_on(answer, have):
        raise FetchError("the server gives another part than was asked for")
    length = answer.headers.get("content-length", "")
    total = have + int(length) if length.isdecimal() else None
    if max(total or 0, have) > limits.fetched:
        raise TooLargeError(f"it has more than {limits.fetched} bytes")
    mark = answer.headers.get("etag") or answer.headers.get("last-modified") or ""
    _mark(part).write_text("" if mark.startswith("W/") else mark, encoding="utf-8")
    with part.open("ab" if have else "wb") as file:
        for chunk in answer.iter_raw():  # as it comes: time is looked at for every drop
            have += len(chunk)
            if have > limits.fetched:
                raise TooLargeError(f"it has more than {limits.fetched} bytes")
            if time.monotonic() > end:
                raise FetchError(f"it takes longer than {limits.fetch_seconds:.0f} seconds")
            file.write(chunk)
            progress.step(have, total, "fetching")
    if total is not None and have != total:
        raise FetchError(f"{have} of {total} bytes came: fetch it again, it goes on from there")
    _mark(part).unlink(missing_ok=True)


def _goes_on(answer: httpx.Response, have: int) -> bool:
    return str(answer.headers.get("content-range", "")).startswith(f"bytes {have}-")


def _have(part: Path) -> tuple[int, str]:
    """Bytes that are there already, and by what the server knows that they are still the same."""
    try:
        return part.stat().st_size, _mark(part).read_text(encoding="utf-8")
    except OSError:
        return 0, ""


def _mark(part: Path) -> Path:
    return part.with_name(f".{part.name}.mark")
