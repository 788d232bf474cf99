"""What a composed configuration says of its data set, held against the schema of the studio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omegaconf import DictConfig

# of a data set that nobody has described yet, or that is only a part of a configuration
_STANDING_FOR = {"name": "unnamed", "root": ".", "kind": "folder", "licence": "?", "consent": "?"}


def check_data(cfg: DictConfig) -> None:
    """Refuse what the studio's form would refuse in the section `data`.

    What is left out, as the consent of data=folder, is asked for where it is needed.

    Raises:
        UserError: Names each setting that cannot be, and what may stand there.
    """
    from pydantic import ValidationError

    from facsimile.data.description import DataSetDescription, problems

    said = _of_section(_plain(cfg))
    try:
        DataSetDescription(**_STANDING_FOR | said)
    except ValidationError as error:
        told = [f"data.{field}={said.get(field)}: {why}" for field, why in problems(error)]
        raise UserError("; ".join(told)) from error


def description_fields(cfg: DictConfig, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a description, from a composed configuration.

    Args:
        cfg: The configuration.
        choices: Of its groups.
    """
    said = _of_section(_plain(cfg))
    identity = _container(cfg.params.split.identity)
    said |= {f"{one}_share": identity["unlisted"].get(one, 0.0) for one in ("val", "test")}
    said |= {f"{one}_people": identity["patterns"].get(one) or [] for one in ("val", "test")}
    said |= {"official_split": bool(cfg.data.get("official", True))}
    if "degradations" not in said and (chosen := choices.get("degradation")):
        said["degradations"] = [chosen]
    return said | {"detector": choices["detector"]}


def _of_section(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a section `data` is a part of a description."""
    from facsimile.data.description import KINDS, DataSetDescription

    said = {key: data[key] for key in DataSetDescription.model_fields if data.get(key) is not None}
    said["root"] = data.get("address") or data.get("root") or "."
    module = str((data.get("dataset") or {}).get("_target_", "")).split(".")
    kind = data.get("kind") or (module[-2] if len(module) > 1 else "")
    return said | {"kind": kind} if kind in KINDS else said


def _plain(cfg: DictConfig) -> dict[str, Any]:
    return _container(cfg.data)


def _container(node: DictConfig) -> dict[str, Any]:
    from omegaconf import OmegaConf

    plain: dict[str, Any] = OmegaConf.to_container(node, resolve=True)  # type: ignore[assignment]
    return plain
