"""What brings the new face into a clip: a swap checkpoint in one direction, or a .dfm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.faces.align import FaceType, field_of_view
from facsimile.pipelines.trained_swap import TrainedSwap, identity_of, load_swap
from facsimile.provenance.consent import require_stated

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.inference.dfm import Dfm
    from facsimile.inference.swap import Identity, Swapper

COVERAGE = "facsimile.coverage"  # in the metadata of what `export` writes
_VIEWS = (0.5, 5)  # as params.extract.coverage


@dataclass(frozen=True)
class FaceModel:
    """A swapper with the crops that it takes, and what is to be said of its results.

    Args:
        swapper: Gives crops another face.
        size: Side of the crops that it is given, pixels.
        coverage: Their field of view.
        path: The model's file.
        name: The model's.
        source: Whose face it brings, as far as that is known.
        target: On whose frames it was trained to put it, likewise.
        training_data: Ids of the data that it was trained on; none where that is not known.
        data: The data set of these.
        consent: On what ground the people in it are shown, as the file states; None if it does not.
    """

    swapper: Swapper
    size: int
    coverage: float | FaceType
    path: Path
    name: str
    source: str
    target: str | None
    training_data: tuple[str, ...]
    data: str | None = None
    consent: str | None = None


def is_dfm(cfg: DictConfig) -> bool:
    """Whether `checkpoint=` is DeepFaceLive's kind of file."""
    return Path(cfg.checkpoint or "").suffix.lower() == ".dfm"


def face_model(cfg: DictConfig) -> FaceModel:
    """What `checkpoint=` and `render.direction=` choose.

    Raises:
        UserError: It cannot be loaded, or has no such direction.
    """
    if is_dfm(cfg):
        return _of_dfm(cfg)
    trained = load_swap(cfg)
    identity = identity_of(cfg.render.direction, trained.subjects, "render.direction")
    return of_trained(cfg, trained, identity)


def of_trained(cfg: DictConfig, trained: TrainedSwap, identity: Identity) -> FaceModel:
    """A checkpoint in the direction that brings this identity.

    Raises:
        UserError: `render.coverage` is given, which the checkpoint itself knows.
    """
    from facsimile.inference.checkpoint import grounds, training_data
    from facsimile.inference.precision import autocast_dtype
    from facsimile.inference.swap import AutoencoderSwapper

    if cfg.render.coverage is not None:
        raise UserError(
            f"render.coverage={cfg.render.coverage} is for a .dfm: {trained.path} says its own"
        )
    resolution = int(trained.meta["net"]["resolution"])
    return FaceModel(
        swapper=AutoencoderSwapper(trained.net, identity, resolution, autocast_dtype()),
        # no smaller than the net sees, so that it is given all the detail that the frame has
        size=max(cfg.params.extract.image_size, resolution),
        coverage=trained.coverage,
        path=trained.path,
        name=str(trained.meta.get("name") or trained.path.stem),
        source=trained.subjects[identity],
        target=trained.subjects["dst" if identity == "src" else "src"],
        training_data=tuple(training_data(trained.meta)),
        data=str(trained.meta.get("data")),
        consent=grounds(trained.meta),
    )


def _of_dfm(cfg: DictConfig) -> FaceModel:
    from facsimile.inference.dfm import DfmSwapper, load_dfm

    dfm = load_dfm(Path(cfg.checkpoint))
    _check_direction(cfg, dfm)
    facts = dfm.facts
    require_stated(cfg.consent or facts.get("facsimile.consent"), dfm.path)
    people = [one for one in facts.get("facsimile.training_data", "").split(", ") if one]
    _, _, target = facts.get("facsimile.direction", "").partition("_to_")
    return FaceModel(
        swapper=DfmSwapper(dfm, cfg.render.morph),
        size=max(cfg.params.extract.image_size, dfm.resolution),
        coverage=_coverage(cfg, dfm),
        path=dfm.path,
        name=facts.get("facsimile.model") or dfm.path.stem,
        source=facts.get("facsimile.synthetic_face_of") or f"an unknown person ({dfm.path.name})",
        target=target or None,
        training_data=tuple(people),
        data=people[0].rpartition("/")[0] if people else None,
        consent=facts.get("facsimile.consent"),
    )


def _check_direction(cfg: DictConfig, dfm: Dfm) -> None:
    own, asked = dfm.facts.get("facsimile.direction"), cfg.render.direction
    if asked not in (None, own):
        says = f"this one's is {own}" if own else "this one does not say whose face it brings"
        raise UserError(
            f"render.direction={asked}: a .dfm has one direction only, and {says}; "
            "leave render.direction out"
        )


def _coverage(cfg: DictConfig, dfm: Dfm) -> float | FaceType:
    """As asked for, else as the file says, else the whole face, as most strangers' files."""
    if cfg.render.coverage is not None:
        return field_of_view(cfg.render.coverage)
    stated = dfm.facts.get(COVERAGE)
    if stated is None:
        return FaceType.WHOLE
    if stated in list(FaceType):
        return FaceType(stated)
    try:
        view = float(stated)
    except ValueError:
        view = 0.0
    if not _VIEWS[0] <= view <= _VIEWS[1]:
        raise UserError(
            f"{dfm.path} says that its coverage is {stated!r}, which cannot be: "
            "give render.coverage="
        )
    return view
