"""The evaluation of a swap: its data and models brought together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.cores import usable_cores
from facsimile.errors import UserError
from facsimile.evaluation.curves import per_frame_curves
from facsimile.evaluation.hard_places import hard_sheet
from facsimile.evaluation.over_time import over_time
from facsimile.evaluation.recognition import Recognizer, embed_subjects, subject_embeddings
from facsimile.evaluation.reconstruction import MEASURES as RECONSTRUCTION
from facsimile.evaluation.reconstruction import reconstruct, swap_crops
from facsimile.evaluation.results import Results
from facsimile.evaluation.summary import NO_SWAP, means, over_directions
from facsimile.evaluation.swap import MEASURES, Direction, measure_clip
from facsimile.faces.embedded_by import require_embedder
from facsimile.media.progress import FrameProgress
from facsimile.pipelines.face_model import of_trained
from facsimile.pipelines.held_out import read_selected, read_split
from facsimile.pipelines.swap_clip import Clip

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from omegaconf import DictConfig
    from torch import nn

    from facsimile.evaluation.face_judge import FaceJudge
    from facsimile.evaluation.reconstruction import Decode, Identity
    from facsimile.pipelines.trained_swap import TrainedSwap

IDENTITIES = ("identity_source", "identity_target")
BROUGHT: tuple[Identity, Identity] = ("src", "dst")  # whose face a direction brings
ROWS = ("swap", "still", NO_SWAP)
_MOST_WORKERS = 8


def evaluate_swap(cfg: DictConfig, trained: TrainedSwap, folder: Path) -> Results:
    """Held-out crops, and the clips in `folder`/render where `render` has made them."""
    split = read_split(cfg)
    recognizers = _recognizers(cfg)
    directions = _directions(cfg, trained, split, recognizers[0])
    results = Results()
    test = split[split["split"] == "test"]
    decode = partial(_decode, trained.net, int(trained.meta["net"]["resolution"]))
    _measure_reconstruction(cfg, decode, trained.meta, test, results)
    _measure_crops(cfg, decode, test, directions, recognizers, results)
    lossless = folder / "render" / "lossless"
    if all(path.is_file() for d in directions for path in _rendered(lossless, d.name).values()):
        clips = [
            Clip(cfg, one, _rendered(lossless, one.name), of_trained(cfg, trained, identity))
            for one, identity in zip(directions, BROUGHT, strict=True)
        ]
        _measure_clips(clips, recognizers, results)
        _show_clips(clips, results)
    else:
        print(
            f"{lossless} does not hold the clips of both directions: only crops are measured "
            f"(run `facsimile render` with the same output=)"
        )
    return results


def _recognizers(cfg: DictConfig) -> list[Recognizer]:
    """One for each core; OpenCV's networks serve one thread each."""
    from hydra.utils import instantiate

    chosen = cfg.evaluation
    optional = {
        name: node
        for name in ("second_embedder", "dense_detector")
        if _is_there(name, node := chosen[name])
    }
    judge = _judge(chosen.judge)
    return [
        Recognizer(
            instantiate(cfg.detector),
            instantiate(cfg.embedder),
            every=chosen.identity_every,
            second_every=chosen.second_identity_every,
            judge=judge,
            **{name: instantiate(node) for name, node in optional.items()},
        )
        for _ in range(min(usable_cores(), _MOST_WORKERS))
    ]


def _judge(checkpoint: str | None) -> FaceJudge | None:
    """The trained detector of a checkpoint."""
    from facsimile.evaluation.face_judge import FaceJudge
    from facsimile.faces.align import field_of_view
    from facsimile.inference.checkpoint import load_net

    if checkpoint is None:
        return None
    net, meta = load_net(Path(checkpoint), "detection")
    coverage = field_of_view(meta["coverage"])
    return FaceJudge(net, int(meta["image_size"]), coverage, int(meta["crop_size"]))


def _is_there(name: str, node: DictConfig | None) -> bool:
    """Whether a part can be built; says why not."""
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    try:
        return instantiate(node) is not None
    except InstantiationException as error:
        if not isinstance(error.__cause__, UserError):
            raise
        print(f"without evaluation.{name}, and what it measures: {error.__cause__}")
        return False


def _directions(
    cfg: DictConfig, trained: TrainedSwap, split: pd.DataFrame, recognizer: Recognizer
) -> list[Direction]:
    root = Path(cfg.paths.selected) / cfg.data.name
    known = subject_embeddings(read_selected(cfg, ("clip", "frame", "embedding")), split)
    require_embedder(root / "selected.parquet", cfg.embedder._target_)
    a, b = trained.subjects["src"], trained.subjects["dst"]
    second = recognizer.second_embedder
    known_second = {} if second is None else embed_subjects(split, root, second)
    return [
        Direction(s, t, known[s], known[t], (known_second[s], known_second[t]) if second else None)
        for s, t in ((a, b), (b, a))
    ]


def _decode(net: nn.Module, resolution: int, crops: np.ndarray, identity: Any) -> np.ndarray:
    """In float32 on every machine, so that crops score the same with and without bfloat16."""
    from facsimile.inference.swap import AutoencoderSwapper

    return AutoencoderSwapper(net, identity, resolution)(crops)[0]


def _measure_reconstruction(
    cfg: DictConfig, decode: Decode, meta: dict[str, Any], test: pd.DataFrame, results: Results
) -> None:
    root = Path(cfg.paths.selected) / cfg.data.name
    identities = {subject: identity for identity, subject in meta["subjects"].items()}
    table = reconstruct(test, root, int(meta["net"]["resolution"]), decode, identities)
    results.tables["reconstruction"] = table
    for subject, rows in table.groupby("subject"):
        results.metrics |= means(rows, RECONSTRUCTION, f"test/reconstruction/{subject}")


def _measure_crops(
    cfg: DictConfig,
    decode: Decode,
    test: pd.DataFrame,
    directions: list[Direction],
    recognizers: list[Recognizer],
    results: Results,
) -> None:
    root = Path(cfg.paths.selected) / cfg.data.name
    embedders = [recognizer.embedder for recognizer in recognizers]
    for direction, identity in zip(directions, BROUGHT, strict=True):
        table = swap_crops(test, root, decode, identity, embedders, direction)
        results.tables[f"crops_{direction.name}"] = table
        results.metrics |= means(table, IDENTITIES, f"test/crop/{direction.name}")


def _rendered(lossless: Path, direction: str) -> dict[str, Path]:
    """The clip of each row, as `render` names it."""
    return {
        "swap": lossless / f"{direction}.mkv",
        "still": lossless / f"still_{direction}.mkv",
    }


def _measure_clips(clips: list[Clip], recognizers: list[Recognizer], results: Results) -> None:
    tables = {}
    with FrameProgress() as progress:
        for clip in clips:
            records = measure_clip(clip, recognizers, clip.direction)
            watched = progress.watch(records, f"{clip.name}: measure", clip.count)
            tables[clip.name] = _table(watched)
            results.metrics |= clip.others_swapped_share()
    results.tables |= tables
    results.curves |= per_frame_curves(tables)
    for row, (name, table) in product(ROWS, tables.items()):
        prefix = f"test/{row}/{name}"
        results.metrics |= means(table[table["row"] == row], MEASURES, prefix)
        results.metrics |= over_time(table, row, prefix)
    for row in ROWS:
        results.metrics |= over_directions(results.metrics, f"test/{row}", tables)


def _table(records: Iterator[list[dict[str, Any]]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([record for frame in records for record in frame])


def _show_clips(clips: list[Clip], results: Results) -> None:
    for clip in clips:
        pictures = {
            f"frames_{clip.name}.png": clip.examples(),
            f"hard_{clip.name}.png": hard_sheet(results.tables[clip.name], clip.pairs),
        }
        shown = {name: picture for name, picture in pictures.items() if picture is not None}
        results.pictures |= shown
        results.signs |= dict.fromkeys(shown, clip.sign)
