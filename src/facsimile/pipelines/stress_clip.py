"""One clip put under a stress condition: a signed mp4, and the table of what its frames show."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from jaxtyping import UInt8

    from facsimile.data.stress import Stress
    from facsimile.data.stress_cuts import Source
    from facsimile.media.progress import FrameProgress
    from facsimile.provenance.signed_copy import Sign


def write_clip(
    stress: Stress,
    sources: Sequence[Source],
    seed: int,
    ground: str,
    path: Path,
    progress: FrameProgress,
) -> int:
    """Write a clip of the first source's size, rate, colours and sound, and beside it its table.

    Args:
        stress: The condition.
        sources: The clip, and those that it may be cut with.
        seed: Of all that is drawn.
        ground: On what ground the people in it are shown.
        path: An mp4; `table_of` says where the table lies, which is there before the clip is.
        progress: Where the frames are counted.

    Returns:
        The number of frames.

    Raises:
        VideoError: A source cannot be read to its end.
        UserError: The sound cannot be in an mp4.
    """
    from facsimile.data.stress import FRAMES
    from facsimile.data.tables import TableWriter
    from facsimile.provenance.signed_copy import signed_copy
    from facsimile.rendering.segment import Segment
    from facsimile.threads import prefetch

    own = sources[0]
    segment = Segment(own.path, own.start, own.stop)
    frames = _even(stress.frames(sources, seed), own.path)
    with (
        signed_copy(path, _signer(stress, sources, ground)) as unsigned,
        TableWriter(table_of(path), FRAMES) as table,
        segment.viewable(unsigned, stress.codec, stress.crf(seed, own.clip)) as writer,
    ):
        for image, row in progress.watch(prefetch(frames, 4), path.name, segment.count()):
            writer.write(image)
            table.add([row])
    return table.rows


def table_of(path: Path) -> Path:
    """Where the table of a clip lies: in the folder `frames` beside its own if that is `clips`."""
    folder = path.parent.parent / "frames" if path.parent.name == "clips" else path.parent
    return folder / f"{path.stem}.parquet"


def _even(
    frames: Iterator[tuple[UInt8[np.ndarray, "h w 3"], dict[str, Any]]], path: Path
) -> Iterator[tuple[UInt8[np.ndarray, "h w 3"], dict[str, Any]]]:
    """Pass frames on, and at their end tell people of a frame rate that varies."""
    from facsimile.media.video import probe

    rate: Fraction = probe(path).frame_rate
    drift = 0.0
    for image, row in frames:
        drift = max(drift, abs(row["time"] - float(row["frame"] / rate)))
        yield image, row
    if drift * rate >= 1:
        print(
            f"{path}: its frame rate varies: of the result, which has {float(rate):.4g} frames/s "
            f"throughout, a picture is up to {drift:.2f} s beside the sound",
            file=sys.stderr,
        )


def _signer(stress: Stress, sources: Sequence[Source], ground: str) -> Sign:
    """What signs the result as an edit of the first source, with the others as ingredients."""
    from facsimile.provenance.sign import Claim, sign

    shown = ", ".join(one.path.name for one in sources)
    claim = Claim(
        kind="stress",
        description=f"{shown}: put under the condition {stress.name}; no face was replaced",
        model=f"the stress condition {stress.name}",
        model_sha256=None,
        training_data=(),
        consent=ground,
        ingredients=tuple(one.path for one in sources[1:]),
        parent=sources[0].path,
    )
    return partial(sign, claim=claim)
