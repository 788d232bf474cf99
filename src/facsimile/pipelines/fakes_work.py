"""What `fakes` has finished, video by video: where a killed run goes on from."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.media.files import atomic_path, sha256

if TYPE_CHECKING:
    from omegaconf import DictConfig

_PACKAGE = Path(__file__).resolve().parents[1]
_CODE = ("faces", "filters", "inference", "media", "models", "rendering")
_SECTIONS = ("pair", "seed", "fakes", "render", "detector", "embedder", "data", "consent")


@dataclass(frozen=True)
class Finished:
    """A folder of videos, each with a note beside it that is written when it is whole."""

    folder: Path

    def once(self, name: str, make: Callable[[Path], float | str]) -> float | str:
        """Make a video, unless an earlier run did.

        Args:
            name: Of the video.
            make: Writes it to a path; returns the share of its frames that show a new face, or
                why there is no video.
        """
        video, note = self.folder / name, self.folder / f"{name}.json"
        if note.is_file():
            known: float | str = json.loads(note.read_text(encoding="utf-8"))
            if isinstance(known, str) or video.is_file():
                return known
        result = make(video)
        with atomic_path(note) as unfinished:
            unfinished.write_text(json.dumps(result), encoding="utf-8")
        return result

    def move(self, folder: Path) -> None:
        """Put the videos into a folder."""
        for video in sorted(self.folder.glob("[!.]*.mp4")):  # a kill leaves hidden files
            video.replace(folder / video.name)

    def clear(self) -> None:
        """Leave nothing: all is where it belongs."""
        shutil.rmtree(self.folder)


def work_path(cfg: DictConfig, checkpoint: Path, clips: Iterable[Path], output: Path) -> Path:
    """Where unfinished videos lie: another place for all else that they depend on.

    Args:
        cfg: The configuration.
        checkpoint: Of the swap.
        clips: What the videos are cut from.
        output: Where they go.
    """
    from omegaconf import OmegaConf

    chosen = OmegaConf.to_container(OmegaConf.masked_copy(cfg, [*_SECTIONS]), resolve=False)
    code = (path for part in _CODE for path in sorted((_PACKAGE / part).rglob("*.py")))
    files = [checkpoint, *sorted(set(clips)), *code]
    told = [chosen, str(output.resolve()), [sha256(path) for path in files]]
    key = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    if cfg.output is not None:
        return output.parent / f".{output.name}.{key}.partial"
    return Path(cfg.paths.work) / f"fakes-{key}"
