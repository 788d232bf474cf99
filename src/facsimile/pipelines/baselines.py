"""Measure all filters and their best blind chain on the fixed test sets, once for all nets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder
from facsimile.pipelines.degrade import degraded_folder
from facsimile.pipelines.places import output_folder
from facsimile.pipelines.resolve import portable

if TYPE_CHECKING:
    import pandas as pd
    from omegaconf import DictConfig

    from facsimile.data.held_out import Pair
    from facsimile.evaluation.restored_identity import Embedder
    from facsimile.evaluation.test_pairs import DegradedPairs
    from facsimile.filters.protocol import Filter
    from facsimile.pipelines.enhance_progress import EnhanceProgress

_MADE = Made(("per_image.parquet",), ("chains.csv", "blind_chain.yaml"))
Filters = Mapping[str, "Filter"]


def run(cfg: DictConfig) -> None:
    """Measure the filters of `baselines` into `data/baselines/<data.name>` or `output=`."""
    from facsimile.data.tables import write_parquet
    from facsimile.evaluation.enhancement import BLIND_CHAIN, PER_IMAGE, WITH_IDENTITY
    from facsimile.evaluation.restored_identity import IDENTITY
    from facsimile.pipelines.enhance_progress import EnhanceProgress

    folder = output_folder(cfg, baselines_folder(cfg))
    _MADE.check(folder)
    _check_names(cfg)
    pairs, filters = degraded_pairs(cfg), built_filters(cfg)
    with atomic_folder(folder, _MADE) as made, EnhanceProgress() as progress:
        names, chains = _choose(cfg, pairs, filters, progress)
        methods = {**filters, BLIND_CHAIN: chained(filters, names)}
        measured = _measure(cfg, pairs, methods, progress)
        schema = WITH_IDENTITY if IDENTITY in measured else PER_IMAGE
        write_parquet(made / "per_image.parquet", measured, schema)
        chains.to_csv(made / "chains.csv", float_format="%.6g")
        told = {"blind_chain": [*names], "degraded": pairs.version, "settings": settings_of(cfg)}
        (made / "blind_chain.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    print(f"{folder}: of {len(chains)} blind chains the best is {in_words(names)}")


def _check_names(cfg: DictConfig) -> None:
    settings, slow = cfg.baselines, {*cfg.baselines.slow.filters}
    in_chains = {name for kind in settings.chain.kinds for name in kind}
    if unknown := (slow | in_chains) - {*settings.filters}:
        known = ", ".join(settings.filters)
        raise UserError(f"baselines: there is no filter {min(unknown)}, only {known}")
    if both := slow & in_chains:
        raise UserError(f"baselines: {min(both)} is slow, so it cannot be in baselines.chain.kinds")


def settings_of(cfg: DictConfig) -> str:
    """A hash of all that decides which filters are measured, and how."""
    from omegaconf import OmegaConf

    chosen = OmegaConf.masked_copy(portable(cfg), ["baselines", "embedder", "paths"])
    OmegaConf.resolve(chosen)
    told = {key: chosen.get(key) for key in ("baselines", "embedder")}
    return hashlib.sha256(OmegaConf.to_yaml(told).encode()).hexdigest()


def baselines_folder(cfg: DictConfig) -> Path:
    """Where the filters' figures of the data set lie."""
    return Path(cfg.paths.data, "baselines", cfg.data.name)


def degraded_pairs(cfg: DictConfig, scale: int = 1) -> DegradedPairs:
    """The fixed test sets of the data set, made so many times smaller."""
    from facsimile.evaluation.test_pairs import DegradedPairs

    return DegradedPairs(degraded_folder(cfg), Path(cfg.paths.faces) / cfg.data.name, scale)


def pictures_to_measure(
    cfg: DictConfig, pairs: DegradedPairs
) -> tuple[pd.DataFrame, list[Embedder]]:
    """What filters and nets are measured on: the rows, and one embedder for each thread.

    Every so many-th picture of the fixed sets says where the face is, for the embedders to look.
    There are none where the configuration has none or theirs cannot be built, which is said.
    """
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    from facsimile.cores import usable_cores
    from facsimile.evaluation.enhancement import every_so_many
    from facsimile.evaluation.restored_identity import with_landmarks

    rows, chosen = pairs.rows("test"), cfg.get("embedder")
    if chosen is None:
        return rows, []
    try:
        embedders = [instantiate(chosen) for _ in range(usable_cores())]
    except InstantiationException as error:
        if not isinstance(error.__cause__, UserError):
            raise
        print(f"without identity_cosine: {error.__cause__}")
        return rows, []
    looked_at = every_so_many(rows, cfg.baselines.identity_every)
    return with_landmarks(rows, pairs.faces, looked_at), embedders


def built_filters(cfg: DictConfig) -> dict[str, Filter]:
    """The filters of conf/filter/, by name."""
    from hydra.utils import instantiate

    return {str(name): instantiate(node) for name, node in cfg.baselines.filters.items()}


def chained(filters: Filters, names: Sequence[str]) -> Filter:
    """The filters of these names, one after another."""
    from facsimile.filters.chain import chain

    return partial(chain, filters=[filters[name] for name in names])


def in_words(names: Sequence[str]) -> str:
    """A chain for people.

    >>> in_words(["switching_median", "wiener"]), in_words([])
    ('switching_median > wiener', 'to do nothing')
    """
    return " > ".join(names) or "to do nothing"


def rivals(cfg: DictConfig, pairs: DegradedPairs) -> tuple[pd.DataFrame, list[str] | None]:
    """What a net is compared with: what the stage left, and the names of its blind chain.

    Its figures are not of pictures made smaller: on these the filters are measured anew, each
    followed by bicubic enlargement, without a chain, since the stage's was chosen for others.

    Raises:
        UserError: See `read_baselines`.
    """
    from facsimile.pipelines.enhance_progress import EnhanceProgress

    if pairs.scale == 1:
        return read_baselines(cfg, pairs)
    with EnhanceProgress() as progress:
        return _measure(cfg, pairs, built_filters(cfg), progress), None


def read_baselines(cfg: DictConfig, pairs: DegradedPairs) -> tuple[pd.DataFrame, list[str]]:
    """What the stage left: a row a picture and method, and the names of the blind chain.

    Raises:
        UserError: It was not run, or on other pictures than lie there now, or with other settings;
            it says what to run.
    """
    import pandas as pd

    folder, name = baselines_folder(cfg), cfg.data.name
    todo = (
        f"run `facsimile degrade data={name}` and `facsimile baselines data={name}` first, or "
        f"`dvc repro degrade@{name} baselines@{name}`"
    )
    for path in (pairs.table, folder / "per_image.parquet"):
        if not path.is_file():
            raise UserError(f"there is no {path}: {todo}")
    measured = pd.read_parquet(folder / "per_image.parquet")
    told: dict[str, Any] = yaml.safe_load((folder / "blind_chain.yaml").read_text("utf-8"))
    if told["degraded"] != pairs.version:
        raise UserError(f"{folder} was measured on other pictures than {pairs.table} lists: {todo}")
    if told["settings"] != settings_of(cfg):
        raise UserError(f"{folder} was measured with other settings of baselines: {todo}")
    return measured, told["blind_chain"]


def _choose(
    cfg: DictConfig, pairs: DegradedPairs, filters: Filters, progress: EnhanceProgress
) -> tuple[Sequence[str], pd.DataFrame]:
    from facsimile.evaluation.blind_chain import best_blind_chain, ordered_chains

    settings = cfg.baselines.chain
    candidates = ordered_chains([[*kind] for kind in settings.kinds], settings.longest)

    def watch(images: Sequence[Pair], name: str) -> Any:
        return progress.watch(
            images, f"{len(candidates)} chains on {name}", "pictures", len(images)
        )

    return best_blind_chain(_validation(cfg, pairs), filters, candidates, watch)


def _validation(cfg: DictConfig, pairs: DegradedPairs) -> dict[str, list[Pair]]:
    """Evenly spaced pairs of every set that the chain is chosen by."""
    from facsimile.data.spacing import places

    settings, rows, found = cfg.baselines.chain, pairs.rows("val"), {}
    for name in settings.degradations:
        those = rows[rows["degradation"] == name]
        if those.empty:
            raise UserError(f"baselines.chain.degradations: {pairs.table} has no {name}")
        found[str(name)] = pairs.read(those.iloc[places(len(those), settings.images)])
    return found


def _measure(
    cfg: DictConfig, pairs: DegradedPairs, filters: Filters, progress: EnhanceProgress
) -> pd.DataFrame:
    import pandas as pd

    from facsimile.evaluation.enhancement import (
        CONSTANT_RED,
        constant_red,
        enlarging,
        every_so_many,
        measure_filters,
    )

    (rows, embedders), settings = pictures_to_measure(cfg, pairs), cfg.baselines.slow
    chosen = every_so_many(rows, settings.every)
    rows = rows.assign(**{str(name): chosen for name in settings.filters})
    restorers = {**filters, CONSTANT_RED: constant_red}
    methods = {name: enlarging(restore, pairs.scale) for name, restore in restorers.items()}
    measured = measure_filters(methods, pairs, rows, embedders)
    watched = progress.watch(measured, f"{len(methods)} methods", "pictures", len(rows))
    return pd.DataFrame([row for several in watched for row in several])
