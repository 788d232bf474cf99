"""Keep good, distinct faces, embed them, and lay out the two sides of the swap pair."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from hydra.utils import instantiate
from omegaconf import DictConfig
from rich.console import Console
from rich.progress import track

from facsimile.cores import usable_cores
from facsimile.data.records import FACES, REJECTED, read_parquet, write_parquet
from facsimile.data.selection import (
    SELECTED,
    Thresholds,
    distinct,
    identity_cosines,
    quality_reasons,
    thumbnail,
)
from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder
from facsimile.media.image import read_image
from facsimile.pipelines.places import output_folder
from facsimile.threads import in_order

Worker = TypeVar("Worker")
Item = TypeVar("Item")
Result = TypeVar("Result")

_MADE = Made(("selected.parquet",), ("rejected.parquet", "data_src", "data_dst"))


def run(cfg: DictConfig) -> None:
    """Select from `data/faces/<data.name>` (or `input=`) into `data/selected/<data.name>`.

    With `input=`, into `output=`. Every face that is left out stands in `rejected.parquet` with its
    reason.
    """
    output = output_folder(cfg, Path(cfg.paths.selected) / cfg.data.name)
    _MADE.check(output)
    folder = Path(cfg.input or Path(cfg.paths.faces) / cfg.data.name)
    faces = read_parquet(folder / "faces.parquet", FACES.names, "extract")
    sides = _sides(list(cfg.params.select.swap_pair), set(faces.subject))
    thresholds = _thresholds(cfg.params.select)
    chosen, rejected = choose(faces, folder, thresholds, lambda: instantiate(cfg.embedder))
    chosen["side"] = [sides.get(subject, "") for subject in chosen.subject]
    with atomic_folder(output, _MADE) as made:
        write_parquet(made / "selected.parquet", chosen, SELECTED)
        write_parquet(made / "rejected.parquet", rejected, REJECTED)
        _lay_out(chosen, folder, made)
    _summarise(chosen, rejected, output)


def choose(
    faces: pd.DataFrame, folder: Path, thresholds: Thresholds, embedder: Callable[[], Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the faces to keep, with their embeddings, and the others with their reasons.

    The dear step, embedding, comes last and sees only what the others kept.
    """
    faces = faces.sort_values(["clip", "frame", "path"], kind="stable").reset_index(drop=True)
    good, poor = _divide(faces, quality_reasons(faces, thresholds))
    new, known = _divide(good, _duplicate_reasons(good, folder, thresholds.min_difference))
    new["embedding"] = _embed(new, folder, embedder)
    kept, strangers = _divide(new, _identity_reasons(new, thresholds.min_identity))
    rejected = pd.concat([poor, known, strangers]).sort_values("path")
    return kept, rejected[["path", "reason"]]


def _sides(swap_pair: list[str], subjects: set[str]) -> dict[str, str]:
    if missing := [subject for subject in swap_pair if subject not in subjects]:
        known = ", ".join(sorted(subjects)[:20]) or "nobody"
        raise UserError(
            f"params.select.swap_pair names {missing[0]}, of whom there is no face. The data set "
            f"shows {known}. For data without a pair: params.select.swap_pair=[]"
        )
    return dict(zip(swap_pair, ("src", "dst"), strict=False))


def _thresholds(given: DictConfig) -> Thresholds:
    low, high = given.brightness
    if low > high:
        raise UserError(f"params.select.brightness is [{low}, {high}]: lowest first")
    return Thresholds(
        min_score=float(given.min_score),
        min_size=float(given.min_size),
        min_sharpness=float(given.min_sharpness),
        brightness=(float(low), float(high)),
        max_yaw=float(given.max_yaw),
        min_difference=float(given.min_difference),
        min_identity=float(given.min_identity),
    )


def _divide(faces: pd.DataFrame, reasons: "pd.Series[str]") -> tuple[pd.DataFrame, pd.DataFrame]:
    out = reasons != ""
    return faces[~out].copy(), faces[out].assign(reason=reasons[out])


def _duplicate_reasons(
    faces: pd.DataFrame, folder: Path, min_difference: float
) -> "pd.Series[str]":
    paths = [folder / path for path in faces.path]
    workers = [None] * usable_cores()
    thumbnails = _watched(workers, lambda _, path: thumbnail(read_image(path)), paths, "comparing")
    small = pd.Series(thumbnails, index=faces.index, dtype=object)
    reasons = pd.Series("", index=faces.index, dtype=object)
    for _, clip in faces.groupby("clip"):
        is_new = distinct(np.stack(list(small[clip.index])), min_difference)
        reasons[clip.index[~is_new]] = "near-duplicate of an earlier face of the clip"
    return reasons


def _identity_reasons(faces: pd.DataFrame, min_identity: float) -> "pd.Series[str]":
    if faces.empty:
        return pd.Series("", index=faces.index, dtype=object)
    cosines = identity_cosines(np.stack(list(faces.embedding)), list(faces.subject))
    texts = [
        "" if c >= min_identity else f"identity: cosine {c:.2f} to the mean of {subject}"
        for c, subject in zip(cosines, faces.subject, strict=True)
    ]
    return pd.Series(texts, index=faces.index, dtype=object)


def _embed(faces: pd.DataFrame, folder: Path, embedder: Callable[[], Any]) -> "pd.Series[Any]":
    def embed(own: Any, row: Any) -> Any:
        landmarks = np.asarray(row.crop_landmarks, dtype=np.float32).reshape(5, 2)
        return own(read_image(folder / row.path), landmarks)

    embedders = [embedder() for _ in range(usable_cores())]
    found = _watched(embedders, embed, list(faces.itertuples()), "embedding")
    return pd.Series(found, index=faces.index, dtype=object)


def _watched(
    workers: list[Worker], function: Callable[[Worker, Item], Result], items: list[Item], label: str
) -> list[Result]:
    # OpenCV and PIL release the interpreter's lock, so threads are enough.
    results = in_order(workers, function, items)
    return list(track(results, label, len(items), console=Console(stderr=True)))


def _lay_out(chosen: pd.DataFrame, folder: Path, made: Path) -> None:
    for row in chosen[chosen.side != ""].to_dict("records"):
        target = made / side_path(row["side"], row["clip"], row["frame"])
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(folder / row["path"], target)


def side_path(side: str, clip: str, frame: int) -> str:
    """Return where a face of the swap pair lies, relative to the folder of selected faces.

    >>> side_path("src", "franck", 12)
    'data_src/franck_000012.png'
    """
    return f"data_{side}/{clip}_{frame:06d}.png"


def _summarise(chosen: pd.DataFrame, rejected: pd.DataFrame, output: Path) -> None:
    sides = chosen[chosen.side != ""].groupby("subject").size().to_dict()
    pair = ", ".join(f"{subject} {count}" for subject, count in sides.items())
    kept = f"{len(chosen)} faces kept ({pair or 'no pair'})"
    print(f"{output}: {kept}, {len(rejected)} set aside", file=sys.stderr)
