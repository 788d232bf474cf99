"""All that the studio is given by whoever starts it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from facsimile.degradations.protocol import Degradation
from facsimile.faces.detect import Detector
from facsimile.studio.addresses import Resolver, resolve
from facsimile.studio.models import ModelList, NoModels

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What may be sent, fetched and looked at, in bytes, pixels, seconds and numbers of files."""

    request: int = MEGABYTE  # of JSON or a form without files
    upload: int = 64 * MEGABYTE  # of one request with files
    pixels: int = 50_000_000  # of one picture
    fetched: int = 200 << 30
    fetch_seconds: float = 24 * 3600.0
    idle_seconds: float = 30.0  # without a byte
    members: int = 2_000_000  # of an archive
    ratio: float = 200.0  # unpacked to packed bytes of an archive
    unpacked: int = 1 << 40
    sampled: int = 200  # files whose parameters are kept
    searched: int = 40  # of these, in which faces are sought
    jobs: int = 1  # at once


@dataclass(frozen=True)
class Tools:
    """What pictures are treated with, by the names of the configuration's files.

    Each is made when it is first asked for. Nothing but these names is ever looked up.
    """

    detectors: Mapping[str, Callable[[], Detector]] = field(default_factory=dict)
    degradations: Mapping[str, Callable[[], Degradation]] = field(default_factory=dict)
    models: ModelList = field(default_factory=NoModels)


@dataclass(frozen=True)
class StudioSettings:
    """All that decides what the studio does.

    Args:
        local: The folder on Hydra's search path: a data set is `local/data/NAME.yaml`.
        folder: The studio's own: its database and thumbnails.
        raw: Where addresses are fetched to and uploads are kept, each in a folder `NAME`.
        project: What relative roots are relative to.
        roots: Folders below which sources may lie; `raw` is always one.
        reserved: Names that no data set may have: those of conf/data.
        compose: Gives the description of a data set whose file was written by hand.
        tools: What pictures are treated with.
        runs: The MLflow runs that used a data set.
        host: Where it listens.
        port: Likewise.
        hosts: Further names that it may be called by in an address.
        token: What everybody has to show; None only on the loopback.
        limits: What may be sent, fetched and looked at.
        resolver: Gives a host's IP addresses.
        transport: Carries what is fetched; None for the network.
        side: Of a crop whose description names none, pixels.
        coverage: Likewise its field of view.
    """

    local: Path
    folder: Path
    raw: Path
    project: Path = Path()
    roots: tuple[Path, ...] = ()
    reserved: frozenset[str] = frozenset()
    compose: Callable[[str], Mapping[str, Any]] | None = None
    tools: Tools = field(default_factory=Tools)
    runs: Callable[[str], list[dict[str, Any]]] = lambda _: []
    host: str = "127.0.0.1"
    port: int = 8080
    hosts: tuple[str, ...] = ()
    token: str | None = None
    limits: Limits = field(default_factory=Limits)
    resolver: Resolver = resolve
    transport: httpx.BaseTransport | None = None
    side: int = 128
    coverage: float | str = 1.35

    @property
    def allowed(self) -> tuple[Path, ...]:
        """Every folder below which a source may lie, links followed."""
        return tuple(path.resolve() for path in (self.raw, *self.roots))
