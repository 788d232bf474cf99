"""One video, restored frame by frame with its sound."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from facsimile.media.video import Frame, VideoInfo, VideoWriter
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.pipelines.enhance_work import Work


def enhance_video(work: Work, source: Path, output: Path, progress: EnhanceProgress) -> str:
    """Write a signed mp4; returns what was done, in words.

    Raises:
        VideoError: It cannot be read to its end.
        UserError: Its sound cannot be in an mp4.
    """
    from facsimile.media.video import probe, read_frames
    from facsimile.provenance.signed_copy import signed_copy
    from facsimile.rendering.clip import Tally
    from facsimile.rendering.track import Tracked
    from facsimile.threads import prefetch

    info = probe(source)
    tally = Tally(info.frame_rate)
    with (
        signed_copy(output, work.sign(source)) as unsigned,
        _writer(work, info, source, unsigned) as writer,
    ):
        frames = (Tracked(frame) for frame in read_frames(source))
        counted = (tracked.frame for tracked in tally.count(frames))
        images = _restored(work, prefetch(counted, 4))
        for image in progress.watch(images, source.name, "frames", info.frames):
            writer.write(image)
    if tally.uneven:
        print(
            f"{source}: its frame rate varies: of the result, which has "
            f"{float(tally.rate):.4g} frames/s throughout, a picture is up to {tally.drift:.2f} s "
            "beside the sound",
            file=sys.stderr,
        )
    return f"{tally.frames} frames"


def _restored(work: Work, frames: Iterator[Frame]) -> Iterator[np.ndarray]:
    for frame in frames:
        if work.faces:
            image = frame.image.copy()
            work.faces(image)
            yield image
        else:
            yield work.enhancer(frame.image)


def _writer(work: Work, info: VideoInfo, source: Path, path: Path) -> VideoWriter:
    from facsimile.media.video import VideoWriter

    return VideoWriter(
        path,
        work.enhancer.scale * info.width,
        work.enhancer.scale * info.height,
        info.frame_rate,
        codec=work.codec,
        crf=work.crf,
        audio_from=source,
        colours=info.colours,
    )
