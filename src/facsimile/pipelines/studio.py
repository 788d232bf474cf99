"""Open the web application in which data sets are described and looked at (port=, host=)."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omegaconf import DictConfig

    from facsimile.studio.models import Restorer
    from facsimile.studio.settings import StudioSettings, Tools
    from facsimile.tracking.reading import Reader

TOKEN = "FACSIMILE_STUDIO_TOKEN"  # in the environment: a configuration is logged
CHAIN = "_chain"  # what the studio itself writes below conf/local/degradation
_COMPOSING = threading.Lock()  # Hydra is one for the process
_SECONDS = 5  # that open requests have when it ends


def run(cfg: DictConfig) -> None:
    """Serve the pages and the API until Ctrl-C.

    Raises:
        UserError: The packages of the studio are missing, or it cannot listen there.
    """
    try:
        import uvicorn

        from facsimile.studio.app import create_app
    except ImportError as error:
        raise UserError(f"{error.name} is missing: pip install 'facsimile[studio]'") from error
    settings = studio_settings(cfg)
    app = create_app(settings)
    with _listening(settings.host, settings.port) as listener:
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        print(f"the studio is at http://{shown}:{settings.port}/ and ends with Ctrl-C", flush=True)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_SECONDS,
            )  # fmt: skip
        )
        with suppress(KeyboardInterrupt):  # how it is meant to end
            server.run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that takes requests there; bound here, since the server's refusal is no sentence."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise UserError(
            f"port {port} of {host} cannot be had, {error.strerror}: give another, as "
            f"port={port + 1}"
        ) from error
    return listener


def studio_settings(cfg: DictConfig) -> StudioSettings:
    """What the studio is given, from the configuration and the environment."""
    from omegaconf import OmegaConf

    from facsimile.studio.settings import Limits, StudioSettings
    from facsimile.tracking.reading import Reader

    limits: dict[str, Any] = OmegaConf.to_container(cfg.studio.limits)  # type: ignore[assignment]
    reader = Reader(cfg.logger.mlflow.tracking_uri, cfg.logger.mlflow.experiment_name)
    given = _given()
    return StudioSettings(
        local=Path(os.environ["FACSIMILE_LOCAL"]),
        folder=Path(cfg.studio.folder),
        raw=Path(cfg.paths.raw),
        project=Path(cfg.paths.root),
        roots=tuple(map(Path, cfg.studio.roots)),
        reserved=frozenset(_names("data", local=False)),
        compose=partial(_fields, given),
        tools=_tools(cfg, reader, given),
        runs=reader.runs_of_data,
        host=cfg.host,
        port=cfg.port,
        hosts=tuple(cfg.studio.hosts),
        token=os.environ.get(TOKEN) or None,
        limits=Limits(**limits),
        side=cfg.params.extract.image_size,
        coverage=cfg.params.extract.coverage,
    )


def _tools(cfg: DictConfig, reader: Reader, given: Sequence[str]) -> Tools:
    from facsimile.studio.models import Checkpoints
    from facsimile.studio.registered import Joined, RegisteredModels
    from facsimile.studio.settings import Tools

    nets = tuple(sorted(_names("model")))
    copies = Path(cfg.studio.folder) / "models"
    registered = RegisteredModels(reader, copies, _load)
    checkpoints = Checkpoints(Path(cfg.paths.experiments), nets, _load)
    return Tools(
        detectors=_makers("detector", given),
        degradations=_makers("degradation", given),
        models=Joined([registered, checkpoints]),
    )


def _load(path: Path) -> Restorer:
    """What restores pictures with a checkpoint."""
    from facsimile.inference.checkpoint import grounds, load_net, training_data
    from facsimile.inference.enhance import Enhancer
    from facsimile.media.files import sha256
    from facsimile.pipelines.enhance_work import UNSTATED
    from facsimile.provenance.sign import Claim
    from facsimile.studio.models import Restorer

    net, meta = load_net(path, "enhancement")
    claim = Claim(
        kind="enhancement",
        description="the picture was restored; its detail is invented",
        model=str(meta.get("name") or path.stem),
        model_sha256=sha256(path),
        training_data=tuple(training_data(meta)),
        consent=f"{UNSTATED}; of the model: {grounds(meta) or 'not stated'}",
    )
    return Restorer(Enhancer(net), claim)


def _names(group: str, local: bool = True) -> list[str]:
    """What a group can be, what this machine adds included unless it is left out."""
    from facsimile.pipelines.composing import main_conf

    places = [main_conf(), *([Path(os.environ["FACSIMILE_LOCAL"])] if local else [])]
    found = {path.stem for place in places for path in (place / group).glob("*.yaml")}
    return sorted(name for name in found if not name.endswith(CHAIN))


def _makers(group: str, given: Sequence[str]) -> dict[str, Callable[[], Any]]:
    """What builds each of a group's components; only its files' names lead to one."""
    return {name: partial(_made, group, name, given) for name in _names(group)}


def _made(group: str, name: str, given: Sequence[str]) -> Any:
    from hydra.utils import instantiate

    return instantiate(_composed([*given, f"{group}={name}"])[group])


def _fields(given: Sequence[str], name: str) -> dict[str, Any]:
    """The fields of a data set's file, as Hydra composes it; nothing is built of them.

    Raises:
        UserError: It cannot be composed.
    """
    from facsimile.pipelines.composing import REFUSALS
    from facsimile.pipelines.described import description_fields
    from facsimile.pipelines.explain import with_cause

    try:
        cfg = _composed([*given, f"data={name}"])
        return description_fields(cfg, cfg.hydra.runtime.choices)
    except REFUSALS as error:
        raise UserError(with_cause(error)) from error


def _composed(overrides: Sequence[str]) -> DictConfig:
    from hydra import compose

    with _COMPOSING:
        return compose("config", list(overrides), return_hydra_config=True)


def _given() -> list[str]:
    """What was given on the command line but for the data set, which each file is one of."""
    from hydra.core.hydra_config import HydraConfig

    return [one for one in HydraConfig.get().overrides.task if not one.startswith("data")]
