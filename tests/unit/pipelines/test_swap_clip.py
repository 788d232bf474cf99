from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from facsimile.evaluation.swap import Direction
from facsimile.media.video import VideoWriter
from facsimile.pipelines import swap_clip
from facsimile.rendering.segment import Segment

OWN = {0, 1, 4, 5, 6}


@pytest.fixture
def clip(tmp_path, monkeypatch):
    """Eight frames, five of the target; of the others a face was replaced in one."""
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (20, 30, 3), np.uint8) for _ in range(8)]
    changed = {"target": set(), "swap": {0, 1, 4, 5, 6, 7}, "still": set()}
    files = {}
    for name, numbers in changed.items():
        files[name] = tmp_path / f"{name}.mkv"
        with VideoWriter(files[name], 30, 20, Fraction(25), codec="ffv1") as writer:
            for number, image in enumerate(frames):
                writer.write(255 - image if number in numbers else image)
    segment = Segment(files.pop("target"))
    told = {"target_segment": segment, "target_ground": "", "signer": None, "frames_of": OWN}
    for name, value in told.items():
        monkeypatch.setattr(swap_clip, name, lambda *_, value=value: value)
    looks = np.zeros(4, np.float32)
    direction = Direction("a", "b", looks, looks)
    return swap_clip.Clip(None, direction, files, SimpleNamespace(target="b")), frames


def test_only_frames_that_show_the_target_are_measured(clip):
    clip, frames = clip
    seen = list(clip)
    assert {frame.index for frame in seen} == OWN
    assert clip.count == len(OWN)
    for frame in seen:
        assert np.array_equal(frame.target, frames[frame.index])
        assert np.array_equal(frame.rows["swap"], 255 - frames[frame.index])
    assert clip.others_swapped_share() == {"test/swap/a_to_b/others_swapped": pytest.approx(1 / 3)}


def test_where_all_frames_show_the_target_nothing_is_told_of_others(clip):
    clip, _ = clip
    clip.own = None
    assert len(list(clip)) == 8
    assert clip.others_swapped_share() == {}
