"""Whose faces a training learns, and that it may."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.pipelines.stated import ground, joined, stated
from facsimile.provenance.consent import require_described

if TYPE_CHECKING:
    from omegaconf import DictConfig

SEEN = ("train", "val")  # the splits that a training reads


def learnt_names(cfg: DictConfig) -> list[str]:
    """Names of the data sets that a training reads: a detection's may be several."""
    from omegaconf import OmegaConf

    several = OmegaConf.select(cfg, "task.data_module.data")
    return [str(name) for name in several or [cfg.data.name]]


def _configured(cfg: DictConfig) -> list[DictConfig]:
    """The configuration with each of these data sets in turn."""
    from hydra import compose
    from hydra.errors import MissingConfigException

    found = []
    for name in learnt_names(cfg):
        if name == cfg.data.name:
            found.append(cfg)
            continue
        try:
            other = compose("config", [f"data={name}"])
        except MissingConfigException as error:
            raise UserError(
                f"task.data_module.data: there is no conf/data/{name}.yaml, which would state the "
                "licence and consent of its people"
            ) from error
        other.consent = cfg.consent
        found.append(other)
    return found


def pretrains(cfg: DictConfig) -> bool:
    """Whether the training is of everybody's faces, for others to start from."""
    return bool(cfg.task.data_module.get("pretrain"))


def subjects(cfg: DictConfig) -> list[str]:
    """The people of a swap, or of its pretraining; those of other tasks are not told apart.

    Raises:
        UserError: Pretraining lacks the table of the people.
    """
    if pretrains(cfg):
        from facsimile.data.tables import read_parquet

        table = Path(cfg.task.data_module.crowd.people)
        rows = read_parquet(table, ["subject", "split", "label"], "split")
        seen = rows[rows["split"].isin(SEEN) & (rows["label"] == 0)]
        return sorted(set(seen["subject"]))
    return list(cfg.data.swap_pair) if cfg.task.name == "swap" else []


def learnt_data(cfg: DictConfig) -> list[str]:
    """Ids of what is learnt from: each person's, or else the data set's."""
    from facsimile.inference.checkpoint import training_data

    own = [f"{cfg.data.name}/{who}" for who in subjects(cfg)] or learnt_names(cfg)
    return own + [one for meta in _of_mask_net(cfg) for one in training_data(meta)]


def learnt_grounds(cfg: DictConfig) -> str:
    """On what ground the people that a training learns are shown, with the licences, each once."""
    from facsimile.inference.checkpoint import grounds

    people: list[str | None] = [*subjects(cfg)]
    own = [ground(one, who) for one in _configured(cfg) for who in people or [None]]
    return joined(*own, *(grounds(meta) for meta in _of_mask_net(cfg)))


def mask_net(cfg: DictConfig) -> Path | None:
    """The checkpoint whose net draws the training masks, where one does."""
    from omegaconf import OmegaConf

    path = OmegaConf.select(cfg, "task.data_module.mask.net.checkpoint")
    return None if path is None else Path(path)


def _of_mask_net(cfg: DictConfig) -> list[dict[str, Any]]:
    from facsimile.inference.checkpoint import load_weights

    path = mask_net(cfg)
    return [] if path is None else [load_weights(path)[1]]


def require_consent(cfg: DictConfig) -> None:
    """Let a training pass whose data config states licence and consent for all that it learns.

    People count by what is stated of each, or else of their whole data set.

    Raises:
        UserError: Somebody's is not stated.
    """
    for one in _configured(cfg):
        statements = {
            who: {key: stated(one.data, who, key) for key in ("licence", "consent")}
            for who in subjects(cfg) or [str(one.data.name)]
        }
        require_described(one.data.name, statements)
