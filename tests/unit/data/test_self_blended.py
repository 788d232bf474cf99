import numpy as np
import pandas as pd
import pytest

from facsimile.data.self_blended import SelfBlendedDataset, pair_paths, pair_seed
from facsimile.data.split_groups import group_faces


@pytest.fixture
def root(tmp_path):
    pairs = [("orl_s1", "s1", 3), ("orl_s1", "s1", 4), ("ann-marie", "a-b", 0), ("eve/2", "x/y", 7)]
    for subject, clip, frame in pairs:
        for number in (1, 2):
            for path in pair_paths(subject, clip, frame, 0, number):
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_bytes(b"")
    return tmp_path


def test_the_paths_say_label_subject_and_origin(root):
    clips = list(SelfBlendedDataset(root).clips())
    assert not list(SelfBlendedDataset(root).problems())
    assert len(clips) == len({clip.clip for clip in clips}) == 16
    assert sum(clip.label for clip in clips) == 8
    assert all(clip.cropped and clip.kind == "image" for clip in clips)
    mine = [clip for clip in clips if clip.subject == "orl_s1"]
    assert {clip.origin for clip in mine} == {"s1_000003", "s1_000004"}
    assert {clip.origin for clip in clips if clip.subject == "ann-marie"} == {"a-b_000000"}
    for clip in clips:
        assert clip.label == clip.path.relative_to(root).as_posix().startswith("fake/")


def test_what_stems_from_one_person_is_one_group(root):
    clips = SelfBlendedDataset(root).clips()
    fields = ("subject", "clip", "origin", "official")
    faces = pd.DataFrame([{key: getattr(clip, key) for key in fields} for clip in clips])
    groups = group_faces(faces)
    by_person = faces.groupby("subject")["clip"].agg(lambda clips: {id(groups[c]) for c in clips})
    assert by_person.map(len).eq(1).all()
    assert len(set.union(*by_person)) == 3


def test_other_files_are_problems(root):
    (root / "fake/loose.png").write_bytes(b"")
    [problem] = SelfBlendedDataset(root).problems()
    assert "does not match" in problem.reason


def test_seed_picture_and_number_each_count():
    keys = [(1, "a.png", 1), (2, "a.png", 1), (1, "b.png", 1), (1, "a.png", 2)]
    draws = [np.random.default_rng(pair_seed(*key)).random() for key in keys]
    assert len(set(draws)) == 4
    assert draws[0] == np.random.default_rng(pair_seed(*keys[0])).random()
