"""How fast a clip is rendered, beside decoding it, finding its faces and encoding it alone."""

from functools import partial
from itertools import islice
from pathlib import Path
from shutil import copyfile
from statistics import median
from time import perf_counter

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from facsimile.inference.precision import autocast_dtype
from facsimile.inference.swap import AutoencoderSwapper
from facsimile.media.progress import FrameProgress
from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.pipelines.renderer import look_of
from facsimile.rendering.choice import largest
from facsimile.rendering.clip import render_clip
from facsimile.rendering.people import Publication
from facsimile.rendering.render import Renderer
from facsimile.rendering.segment import Segment
from facsimile.rendering.track import track
from facsimile.threads import prefetch

CONF = Path(__file__).resolve().parents[2] / "conf"
FRAMES, ROUNDS = 200, 3
# of the widths that the recipe for two cores trains
NET = ["model=df_autoencoder", "model.resolution=128", "model.decoder_dims=[64,48,16]"]


@pytest.fixture
def cfg(models_root):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [*NET, f"paths.models={models_root}"])


@pytest.fixture
def clip(sample_root, tmp_path):
    source, path = sample_root / "clips/franck.mp4", tmp_path / "clip.mp4"
    info = probe(source)
    with VideoWriter(path, info.width, info.height, info.frame_rate) as writer:
        for frame in islice(read_frames(source), FRAMES):
            writer.write(frame.image)
    return path


def timed(work) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def bare(segment: Segment, make_detector, path: Path) -> None:
    """What no renderer can do without, shared among the same threads."""
    frames = (one.frame.image for one in track(segment.frames(), make_detector))
    with segment.viewable(path) as writer:
        for image in prefetch(frames):
            writer.write(image)


@pytest.mark.benchmark
def test_rendering_reaches_four_tenths_of_decoding_detecting_and_encoding(cfg, clip, tmp_path):
    segment, make_detector = Segment(clip), partial(instantiate, cfg.detector)
    swapper = AutoencoderSwapper(instantiate(cfg.model), "src", 128, autocast_dtype())
    renderer = Renderer(swapper, 128, 1.35, look_of(cfg), cfg.render.batch_size)
    publication, tallies, alone = Publication(copyfile), [], []
    with FrameProgress() as progress:
        for _ in range(ROUNDS):
            alone.append(timed(lambda: bare(segment, make_detector, tmp_path / "a.mp4")))
            path = tmp_path / "b.mp4"
            tallies.append(
                render_clip(
                    segment, make_detector, largest, renderer, publication, path, None, progress
                )
            )
    ratio = median(before / tally.seconds for before, tally in zip(alone, tallies, strict=True))
    speed, real_time = median(t.speed for t in tallies), median(t.real_time for t in tallies)
    print(
        f"\nrender: {speed:.1f} frames/s, {real_time:.2f}x real time; decoding, detecting and "
        f"encoding alone {FRAMES / median(alone):.1f} frames/s, ratio {ratio:.2f}"
    )
    assert all(tally.faces == FRAMES for tally in tallies)
    assert ratio >= 0.4  # the goal is 0.5
