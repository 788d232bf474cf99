"""Whose faces a training learns, and that it may."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.pipelines.stated import ground, joined, stated
from facsimile.provenance.consent import require_described

if TYPE_CHECKING:
    from omegaconf import DictConfig

SEEN = ("train", "val")  # the splits that a training reads


def pretrains(cfg: DictConfig) -> bool:
    """Whether the training is of everybody's faces, for others to start from."""
    return bool(cfg.task.data_module.get("pretrain"))


def subjects(cfg: DictConfig) -> list[str]:
    """The people of a swap, or of its pretraining; an enhancement's are not told apart.

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

    own = [f"{cfg.data.name}/{who}" for who in subjects(cfg)] or [str(cfg.data.name)]
    return own + [one for meta in _of_mask_net(cfg) for one in training_data(meta)]


def learnt_grounds(cfg: DictConfig) -> str:
    """On what ground the people that a training learns are shown, with the licences, each once."""
    from facsimile.inference.checkpoint import grounds

    people: list[str | None] = [*subjects(cfg)]
    own = [ground(cfg, who) for who in people or [None]]
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
    statements = {
        who: {key: stated(cfg.data, who, key) for key in ("licence", "consent")}
        for who in subjects(cfg) or [str(cfg.data.name)]
    }
    require_described(cfg.data.name, statements)
