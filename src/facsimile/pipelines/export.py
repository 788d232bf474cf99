"""Write a trained net as a file for other programs: DeepFaceLive's .dfm, or plain ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.media.files import atomic_path, sha256
from facsimile.pipelines.face_model import COVERAGE
from facsimile.pipelines.stated import joined, stated
from facsimile.pipelines.trained_swap import TrainedSwap, identity_of, trained_swap
from facsimile.provenance.consent import require_consent

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float32
    from omegaconf import DictConfig
    from torch import nn

    from facsimile.faces.align import FaceType
    from facsimile.inference.swap import Identity

FORMATS = ("dfm", "onnx")
LIFT = 0.08  # how far up the face DeepFaceLive moves its crops when asked for no offset


def run(cfg: DictConfig) -> None:
    """Write `checkpoint=` as `format=` to `output=`, a swap in one `direction=`."""
    from facsimile.inference.checkpoint import load_net

    checkpoint, output = _checked_paths(cfg)
    net, meta = load_net(checkpoint)
    if meta["task"] == "swap":
        _export_swap(cfg, trained_swap(checkpoint, net, meta), output)
    elif meta["task"] == "detection":
        raise UserError(f"{checkpoint} is of task detection: swaps and restorations are exported")
    elif cfg.format == "dfm":
        raise UserError(f"{checkpoint} is of task {meta['task']}: a .dfm holds a swap; format=onnx")
    else:
        _export_enhancement(cfg, checkpoint, net, meta, output)


def _checked_paths(cfg: DictConfig) -> tuple[Path, Path]:
    if cfg.format not in FORMATS:
        raise UserError(f"format={cfg.format}: give format={' or format='.join(FORMATS)}")
    if cfg.checkpoint is None:
        raise UserError("say what is exported: checkpoint=FILE.ckpt")
    output = Path(cfg.output or "")
    if output.suffix.lower() != f".{cfg.format}":
        raise UserError(f"output={cfg.output}: give output=FILE.{cfg.format}")
    return Path(cfg.checkpoint), output


def _export_swap(cfg: DictConfig, trained: TrainedSwap, output: Path) -> None:
    from facsimile.inference.onnx_dfm import to_dfm
    from facsimile.inference.onnx_plain import swap_to_onnx

    identity = identity_of(cfg.direction, trained.subjects, "direction")
    source = trained.subjects[identity]
    description = f"Makes synthetic faces of {source}. Say so wherever they are shown."
    facts = _swap_facts(cfg, trained, identity)
    if cfg.format == "onnx":
        _write(swap_to_onnx(trained.net, identity, description, facts), output)
        return
    mask = _usual_mask(int(trained.meta["net"]["resolution"]), trained.coverage)
    _write(to_dfm(trained.net, identity, mask, description, facts), output)
    print(_how_to_use(trained.coverage))


def _export_enhancement(
    cfg: DictConfig, checkpoint: Path, net: nn.Module, meta: dict[str, Any], output: Path
) -> None:
    from facsimile.inference.onnx_plain import enhancement_to_onnx

    description = "Restores degraded images; the detail in its results is invented."
    facts = _facts(checkpoint, meta, "algorithmicallyEnhanced")
    _write(enhancement_to_onnx(net, description, facts), output)


def _swap_facts(cfg: DictConfig, trained: TrainedSwap, identity: Identity) -> dict[str, str]:
    """Whose face it makes, out of what, and on what ground."""
    from facsimile.inference.checkpoint import grounds, training_data

    own = grounds(trained.meta)
    words = {key: _words(cfg, trained.meta, key) for key in ("licence", "consent")}
    require_consent(cfg.consent, bool(own) or all(words["consent"].values()), trained.path)
    return _facts(trained.path, trained.meta, "compositeWithTrainedAlgorithmicMedia") | {
        "facsimile.direction": trained.direction(identity),
        "facsimile.synthetic_face_of": trained.subjects[identity],
        "facsimile.training_data": ", ".join(training_data(trained.meta)),
        "facsimile.licence": _listed(words["licence"]),
        "facsimile.consent": joined(cfg.consent, own or _known(words["consent"])),
        COVERAGE: str(trained.meta["coverage"]),
    }


def _facts(checkpoint: Path, meta: Mapping[str, Any], source_type: str) -> dict[str, str]:
    from facsimile.provenance.sign import SOURCE_TYPES

    return {
        "facsimile.digital_source_type": SOURCE_TYPES + source_type,
        "facsimile.model": str(meta.get("name") or checkpoint.stem),
        "facsimile.checkpoint_sha256": sha256(checkpoint),
        "facsimile.training_data": str(meta.get("data")),
    }


def _words(cfg: DictConfig, meta: Mapping[str, Any], key: str) -> dict[str, str]:
    """What the data config says of each of the two, where it is that of the training data."""
    known = cfg.data.name == meta.get("data")
    return {who: stated(cfg.data, who, key) if known else "" for who in meta["subjects"].values()}


def _known(words: Mapping[str, str]) -> str | None:
    return _listed(words) if any(words.values()) else None


def _listed(words: Mapping[str, str]) -> str:
    return "; ".join(f"{who}: {text or 'not stated'}" for who, text in words.items())


def _usual_mask(size: int, coverage: float | FaceType) -> Float32[np.ndarray, "size size"]:
    """The tight mask of a face that looks straight ahead, for a net that learned none."""
    from facsimile.faces.align import template
    from facsimile.faces.masks import tight_mask

    return tight_mask(template(size, coverage), size, yaw=0.0)


def _how_to_use(coverage: float | FaceType) -> str:
    """What to set in DeepFaceLive, so that it cuts its crops as the training faces were cut."""
    from facsimile.faces.align import FaceType

    view, lift = coverage, 0.0
    if isinstance(coverage, FaceType):
        view, lift = coverage.coverage, coverage.lift
    return f"in DeepFaceLive set the face aligner: coverage {view:.1f}, y offset {LIFT - lift:.2f}"


def _write(content: bytes, output: Path) -> None:
    with atomic_path(output) as path:
        path.write_bytes(content)
    print(f"{output}: {len(content) / 1e6:.1f} MB, SHA-256 {sha256(output)}")
