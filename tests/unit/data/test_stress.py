from fractions import Fraction

import numpy as np
import pytest

from facsimile.data.stress import FRAMES, Stress, combined
from facsimile.data.stress_cuts import Cuts, Source
from facsimile.degradations.over_time.camera_motion import CameraMotion
from facsimile.degradations.over_time.courses import Wander
from facsimile.degradations.over_time.stage_lights import StageLights
from facsimile.media.video import VideoWriter

WAY = Wander(0.0, 1.0, 1.0)
LIGHT = StageLights(2, 0.1, WAY, WAY, WAY)
BLUR = CameraMotion(Wander(-2.0, 2.0, 1.0), 0.04)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Two clips of noise; of the first, all but the first three frames."""
    folder, made = tmp_path_factory.mktemp("clips"), []
    for seed, name in enumerate(("one", "two")):
        path, rng = folder / f"{name}.mkv", np.random.default_rng(seed)
        with VideoWriter(path, 40, 30, Fraction(25), codec="ffv1") as writer:
            for _ in range(33):
                writer.write(rng.integers(0, 256, (30, 40, 3), np.uint8))
        made.append(Source(name, name, path, 3 * (name == "one")))
    return made


def made(stress, sources, seed=1):
    return list(stress.frames(sources, seed))


def pictures(frames):
    return np.stack([picture for picture, _ in frames])


def test_without_effects_the_frames_are_the_source_and_the_table_says_so(sources):
    frames = made(Stress("plain"), sources[:1])
    wanted = np.stack([frame.image for frame in sources[0].frames()])
    assert np.array_equal(pictures(frames), wanted)
    for number, (_, row) in enumerate(frames):
        assert set(row) == set(FRAMES.names)
        assert (row["frame"], row["source_frame"]) == (number, number + 3)
        assert row["time"] == pytest.approx(number / 25)
        assert (row["source_clip"], row["subject"]) == ("one", "one")
        assert [row[f"crop_{side}"] for side in "xywh"] == [0, 0, 40, 30]


def test_what_is_drawn_is_a_function_of_seed_clip_and_condition(sources):
    def first(name="light", seed=1, clips=sources):
        return pictures(made(Stress(name, [LIGHT]), clips[:1], seed))

    renamed = [Source("other", "one", sources[0].path, 3)]
    usual = first()
    assert np.array_equal(usual, first())
    for changed in (first(seed=2), first(name="lamps"), first(clips=renamed)):
        assert not np.array_equal(usual, changed)


def test_a_combination_is_its_parts_one_after_another(sources):
    cuts, light = Stress("cuts", cuts=Cuts((0.1, 0.4))), Stress("light", [LIGHT, BLUR])
    code = Stress("code", crf=(40, 48))
    both = combined("both", {"a": cuts, "b": light, "c": code})
    whole, cut = made(both, sources), made(cuts, sources)
    assert [row for _, row in whole] == [row for _, row in cut]
    assert {row["source_clip"] for _, row in whole} == {"one", "two"}
    assert both.crf(1, "one") == code.crf(1, "one")
    alone, plain = (made(one, sources[:1]) for one in (light, Stress("plain")))
    together = made(combined("lit", {"plain": Stress("plain"), "b": light}), sources[:1])
    assert np.array_equal(pictures(together), pictures(alone))
    assert not np.array_equal(pictures(together), pictures(plain))


def test_only_one_part_may_cut():
    one = Stress("cuts", cuts=Cuts(1.0))
    with pytest.raises(ValueError, match="both: of a, b only one may cut"):
        combined("both", {"a": one, "b": one})


def test_the_quality_is_drawn_once_a_clip():
    stress = Stress("code", crf=[40, 48])
    drawn = [stress.crf(1, f"clip{number}") for number in range(200)]
    assert set(drawn) == set(range(40, 49))
    assert drawn[0] == stress.crf(1, "clip0")
    assert Stress("plain").crf(1, "clip0") == 18
