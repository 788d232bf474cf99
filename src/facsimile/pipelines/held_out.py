"""What a swap recipe renders: the clips that its training never saw, and a still of each person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from omegaconf import DictConfig

    from facsimile.rendering.segment import Segment

SPLIT = ("path", "subject", "clip", "frame", "split")
QUALITY = ("clip", "frame", "yaw", "pitch", "sharpness")


def held_out_clip(cfg: DictConfig, subject: str) -> str:
    """The one clip of a subject that holds test frames, as its data set names it.

    Raises:
        UserError: There is none, or more than one.
    """
    rows = read_split(cfg)
    test = rows[(rows["subject"] == subject) & (rows["split"] == "test")]
    clips = sorted(test["clip"].unique())
    if len(clips) != 1:
        raise UserError(f"{subject} must have one held-out clip in swap.parquet, not {clips}")
    return str(clips[0])


def held_out_segment(cfg: DictConfig, subject: str) -> Segment:
    """The one stretch of video of a subject that is test.

    Raises:
        UserError: There is none, or more than one clip holds some.
    """
    from facsimile.rendering.segment import Segment

    clip = held_out_clip(cfg, subject)
    start, stop = _block(cfg, clip, read_split(cfg))
    return Segment(_video(cfg, clip), start, stop)


def target_segment(cfg: DictConfig, subject: str) -> Segment:
    """What a face is put into: the held-out stretch, or what render.stressed= made of it.

    Raises:
        UserError: As `held_out_segment`, or that folder has no such clip.
    """
    from facsimile.data.batching import safe_file_name
    from facsimile.rendering.segment import Segment

    if cfg.render.stressed is None:
        return held_out_segment(cfg, subject)
    name = safe_file_name(held_out_clip(cfg, subject))  # as `stress` named it
    path = Path(cfg.render.stressed, "clips", f"{name}.mp4")
    if not path.is_file():
        raise UserError(f"there is no {path}: render.stressed= is a folder of `facsimile stress`")
    return Segment(path)


def frames_of(cfg: DictConfig, segment: Segment, subject: str) -> set[int] | None:
    """The frames of a stressed clip that show a person; None: all do."""
    from facsimile.data.tables import read_parquet

    if cfg.render.stressed is None:
        return None
    path = Path(cfg.render.stressed, "frames", f"{segment.path.stem}.parquet")
    rows = read_parquet(path, ("frame", "subject"), "stress")
    return set(rows[rows["subject"] == subject]["frame"])


def _block(cfg: DictConfig, clip: str, rows: pd.DataFrame) -> tuple[int, int | None]:
    """First frame and the one after the last: as params.split says, else from the first face on."""
    blocks = cfg.params.split.swap.blocks
    if clip in blocks and "test" in blocks[clip]:
        start, stop = blocks[clip]["test"]
        return int(start), int(stop)
    frames = rows[(rows["clip"] == clip) & (rows["split"] == "test")]["frame"]
    return int(frames.min()), None


def still_path(cfg: DictConfig, subject: str) -> Path:
    """The best training face of a subject: what the paste-a-still baseline shows."""
    from facsimile.rendering.still import best_still

    rows = read_split(cfg)
    train = rows[(rows["subject"] == subject) & (rows["split"] == "train")]
    quality = read_selected(cfg, QUALITY)[[*QUALITY]]
    faces = train[["path", "clip", "frame"]].merge(quality, on=["clip", "frame"])
    if faces.empty:
        raise UserError(f"{subject} has no training face in swap.parquet")
    return Path(cfg.paths.selected, cfg.data.name, best_still(faces))


def read_split(cfg: DictConfig) -> pd.DataFrame:
    """The rows of swap.parquet."""
    return _read(cfg.paths.splits, cfg, "swap.parquet", SPLIT, "split")


def read_selected(cfg: DictConfig, columns: Sequence[str]) -> pd.DataFrame:
    """The rows of selected.parquet, which must have these columns."""
    return _read(cfg.paths.selected, cfg, "selected.parquet", columns, "select")


def _read(
    folder: str, cfg: DictConfig, name: str, columns: Sequence[str], stage: str
) -> pd.DataFrame:
    from facsimile.data.tables import read_parquet

    return read_parquet(Path(folder, cfg.data.name, name), columns, stage)


def _video(cfg: DictConfig, clip: str) -> Path:
    from hydra.utils import instantiate

    for one in instantiate(cfg.data.dataset).clips():
        if one.clip == clip and one.kind == "video":
            return Path(one.path)
    raise UserError(f"swap.parquet names the clip {clip}, which {cfg.data.root} does not have")
