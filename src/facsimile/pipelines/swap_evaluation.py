"""The evaluation of a swap: its data and models brought together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.cores import usable_cores
from facsimile.errors import UserError
from facsimile.evaluation.curves import per_frame_curves
from facsimile.evaluation.pictures import sheet
from facsimile.evaluation.recognition import Recognizer, subject_embeddings
from facsimile.evaluation.reconstruction import MEASURES as RECONSTRUCTION
from facsimile.evaluation.reconstruction import reconstruct, swap_crops
from facsimile.evaluation.results import Results
from facsimile.evaluation.summary import means, over_directions
from facsimile.evaluation.swap import MEASURES, NO_SWAP, Direction, Frame, measure_clip
from facsimile.media.progress import FrameProgress
from facsimile.media.video import probe, read_frames
from facsimile.pipelines.held_out import held_out_segment, read_selected, read_split
from facsimile.rendering.preview import spread

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from omegaconf import DictConfig
    from torch import nn

    from facsimile.evaluation.reconstruction import Decode, Identity

IDENTITIES = ("identity_source", "identity_target")
ROWS = ("swap", "still", NO_SWAP)
EXAMPLES = 6
_MOST_WORKERS = 8


def evaluate_swap(cfg: DictConfig, net: nn.Module, meta: dict[str, Any], folder: Path) -> Results:
    """Held-out crops, and the clips in `folder`/render where `render` has made them."""
    split, selected = read_split(cfg), read_selected(cfg, ("clip", "frame", "embedding"))
    a, b = meta["subjects"]["src"], meta["subjects"]["dst"]
    known = subject_embeddings(selected, split)
    directions = [Direction(s, t, known[s], known[t]) for s, t in ((a, b), (b, a))]
    recognizers = _recognizers(cfg)
    results = Results()
    test = split[split["split"] == "test"]
    decode = partial(_decode, net, int(meta["net"]["resolution"]))
    _measure_reconstruction(cfg, decode, meta, test, results)
    _measure_crops(cfg, decode, test, directions, recognizers, results)
    lossless = folder / "render" / "lossless"
    if all(path.is_file() for d in directions for path in _rendered(lossless, d.name).values()):
        _measure_clips(cfg, lossless, directions, recognizers, results)
    else:
        print(f"{lossless} holds no clips: only crops are measured (run `facsimile render`)")
    return results


def _recognizers(cfg: DictConfig) -> list[Recognizer]:
    """One for each core; OpenCV's networks serve one thread each."""
    from hydra.utils import instantiate

    workers = range(min(usable_cores(), _MOST_WORKERS))
    return [Recognizer(instantiate(cfg.detector), instantiate(cfg.embedder)) for _ in workers]


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
    identities: tuple[Identity, Identity] = ("src", "dst")
    for direction, identity in zip(directions, identities, strict=True):
        table = swap_crops(test, root, decode, identity, embedders, direction)
        results.tables[f"crops_{direction.name}"] = table
        results.metrics |= means(table, IDENTITIES, f"test/crop/{direction.name}")


def _rendered(lossless: Path, direction: str) -> dict[str, Path]:
    """The clip of each row, as `render` names it."""
    return {
        "swap": lossless / f"{direction}.mkv",
        "still": lossless / f"still_{direction}.mkv",
    }


def _measure_clips(
    cfg: DictConfig,
    lossless: Path,
    directions: list[Direction],
    recognizers: list[Recognizer],
    results: Results,
) -> None:
    clips = {}
    with FrameProgress() as progress:
        for direction in directions:
            frames = _Frames(cfg, direction, _rendered(lossless, direction.name))
            records = measure_clip(frames, recognizers, direction)
            watched = progress.watch(records, f"{direction.name}: measure", frames.count)
            clips[direction.name] = _table(watched)
            results.pictures[f"frames_{direction.name}"] = frames.examples()
    results.tables |= clips
    results.curves |= per_frame_curves(clips)
    for row in ROWS:
        for name, table in clips.items():
            results.metrics |= means(table[table["row"] == row], MEASURES, f"test/{row}/{name}")
        results.metrics |= over_directions(results.metrics, f"test/{row}", clips)


def _table(records: Iterator[list[dict[str, Any]]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([record for frame in records for record in frame])


class _Frames:
    """A direction's target frames beside what was rendered of them, and a few kept to be shown."""

    def __init__(self, cfg: DictConfig, direction: Direction, files: dict[str, Path]) -> None:
        self.segment = held_out_segment(cfg, direction.target)
        self.files = files
        self.count = probe(files["swap"]).frames or self.segment.count()
        self.kept: list[Frame] = []

    def __iter__(self) -> Iterator[Frame]:
        shown = set(spread(EXAMPLES, self.count or 1))
        streams = [self.segment.frames(), *(read_frames(path) for path in self.files.values())]
        for place, (target, *rendered) in enumerate(self._in_step(streams)):
            images = {row: one.image for row, one in zip(self.files, rendered, strict=True)}
            frame = Frame(target.index, target.image, images)
            if place in shown:
                self.kept.append(frame)
            yield frame

    def _in_step(self, streams: list[Iterator[Any]]) -> Iterator[tuple[Any, ...]]:
        try:
            yield from zip(*streams, strict=True)
        except ValueError as error:
            names = ", ".join(map(str, (self.segment.path, *self.files.values())))
            raise UserError(f"not as many frames in {names}: render again") from error

    def examples(self) -> np.ndarray:
        """Evenly spaced frames: target, swap, pasted still."""
        rows = [
            ("target", [frame.target for frame in self.kept]),
            ("swap", [frame.rows["swap"] for frame in self.kept]),
            ("a pasted still of the source", [frame.rows["still"] for frame in self.kept]),
        ]
        return sheet(rows, height=240, synthetic={rows[1][0], rows[2][0]})
