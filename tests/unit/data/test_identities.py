import numpy as np
import pandas as pd
import pytest

from facsimile.data.identities import Tracks, cluster, identity_cosines, largest, names, tracks
from facsimile.data.sample import SampleDataset
from facsimile.faces.crop import crop_face, keep_crop
from facsimile.faces.identity import SFace
from facsimile.faces.yunet import YuNet
from facsimile.media.image import read_image
from facsimile.media.video import read_frames

SAME = 0.45


def near(direction, count, noise, rng):
    unit = np.eye(128, dtype=np.float32)[[direction] * count]
    unit = unit + rng.normal(0, noise, unit.shape).astype(np.float32)
    return unit / np.linalg.norm(unit, axis=1, keepdims=True)


def table(*runs):
    """Faces of runs (clip, track, first frame, last frame, direction)."""
    rng = np.random.default_rng(1)
    rows = [
        {"clip": clip, "track": number, "frame": frame, "embedding": embedding}
        for clip, number, first, last, direction in runs
        for frame, embedding in zip(
            range(first, last + 1), near(direction, last + 1 - first, 0.02, rng), strict=True
        )
    ]
    return pd.DataFrame(rows)


def people(faces, min_cosine=SAME):
    found = tracks(faces, np.stack(list(faces.embedding)))
    return cluster(found, min_cosine)[found.of_face]


def first_of(faces, who):
    keys = faces.groupby(["clip", "track"], sort=False).head(1).index
    return list(who[keys])


def test_tracks_are_the_means_of_their_faces():
    faces = table(("b", 0, 0, 2, 0), ("a", 7, 5, 9, 1), ("a", 3, 1, 1, 2))
    faces = faces.sample(frac=1, random_state=3)
    found = tracks(faces, np.stack(list(faces.embedding)))
    assert found.means.argmax(1).tolist() == [1, 0, 2]
    assert np.linalg.norm(found.means, axis=1) == pytest.approx(1)
    assert found.spans.tolist() == [[5, 9], [0, 2], [1, 1]]
    assert found.clips.tolist() == [0, 1, 0]


def test_a_person_is_met_again_in_another_clip():
    faces = table(("a", 0, 0, 9, 0), ("a", 1, 0, 9, 1), ("b", 0, 0, 4, 1), ("c", 0, 0, 2, 5))
    assert first_of(faces, people(faces)) == [0, 1, 1, 2]


def test_two_faces_of_one_frame_are_two_people():
    twins = table(("a", 0, 0, 9, 0), ("a", 1, 9, 12, 0))
    assert len(set(people(twins))) == 2
    one_after_the_other = table(("a", 0, 0, 9, 0), ("a", 1, 10, 12, 0))
    assert len(set(people(one_after_the_other))) == 1
    # the second most similar is asked where the first one is beside
    also = table(("a", 0, 0, 9, 0), ("b", 0, 0, 5, 0), ("a", 1, 3, 6, 0))
    assert first_of(also, people(also)) == [0, 0, 1]


def test_it_is_the_leader_clustering_of_its_definition():
    rng = np.random.default_rng(6)
    count = 700  # several batches
    base = rng.normal(size=(60, 16))
    means = base[rng.integers(0, 60, count)] + rng.normal(0, 0.35, (count, 16))
    means = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    clips = rng.integers(0, 40, count)
    first = rng.integers(0, 100, count)
    spans = np.stack([first, first + rng.integers(0, 30, count)], 1)
    found = Tracks(means, clips, spans, np.arange(count))
    assert list(cluster(found, 0.8)) == plain_leaders(means, clips, spans, 0.8)


def plain_leaders(means, clips, spans, min_cosine):
    leaders, members, chosen = [], [], []
    for track, mean in enumerate(means):
        allowed = [
            person
            for person in range(len(leaders))
            if means[leaders[person]] @ mean >= min_cosine
            and not any(
                clips[o] == clips[track]
                and spans[o][0] <= spans[track][1]
                and spans[track][0] <= spans[o][1]
                for o in members[person]
            )
        ]
        if allowed:
            person = max(allowed, key=lambda p: means[leaders[p]] @ mean)
        else:
            person = len(leaders)
            leaders.append(track)
            members.append([])
        members[person].append(track)
        chosen.append(person)
    return chosen


def test_the_person_of_most_faces_is_the_clips():
    clips = pd.Series(["a"] * 3 + ["b"] * 2)
    assert largest(clips, np.array([4, 4, 0, 3, 2])).tolist() == [True, True, False, False, True]


def test_names_go_by_how_often_a_person_is_shown():
    assert names(np.array([5, 9, 9, 0])) == [
        "person_0003",
        "person_0001",
        "person_0001",
        "person_0002",
    ]
    assert names(np.array([], int)) == []


def test_a_stranger_is_far_from_the_mean():
    rng = np.random.default_rng(5)
    directions = np.eye(128)[:2]
    around = np.repeat(directions, 20, axis=0) + rng.normal(0, 0.01, (40, 128))
    around[0] = directions[1]  # the second person among the first one's faces
    unit = around / np.linalg.norm(around, axis=1, keepdims=True)
    cosines = identity_cosines(unit, ["a"] * 20 + ["b"] * 20)
    assert cosines[0] < 0.2
    assert cosines[1:].min() > 0.9


def test_the_mean_is_that_of_the_typical_faces():
    unit = np.eye(128)[[0, 0, 1, 1, 1]]
    typical = np.array([True, True, False, False, False])
    cosines = identity_cosines(unit, ["a"] * 5, typical)
    assert cosines == pytest.approx([1, 1, 0, 0, 0])
    assert identity_cosines(unit[2:], ["a"] * 3, typical[2:]) == pytest.approx([1, 1, 1])
    assert identity_cosines(np.empty((0, 128)), []).shape == (0,)


def test_cosines_are_the_same_for_many_faces_as_for_few():
    rng = np.random.default_rng(9)
    faces = rng.normal(size=(40_000, 128)).astype(np.float32)
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    subjects = rng.choice(["a", "b", "c"], len(faces)).tolist()
    means = pd.DataFrame(faces.astype(np.float64)).groupby(subjects).sum().to_numpy()
    means = means / np.linalg.norm(means, axis=1, keepdims=True)
    expected = (faces * means[np.unique(subjects, return_inverse=True)[1]]).sum(axis=1)
    assert identity_cosines(faces, subjects) == pytest.approx(expected)


@pytest.fixture(scope="module")
def models(models_root):
    detector = YuNet(models_root / "face_detection_yunet_2023mar_int8bq.onnx")
    return detector, SFace(models_root / "face_recognition_sface_2021dec_int8bq.onnx")


@pytest.mark.long
def test_the_forty_people_of_orl_are_told_apart(sample_root, models):
    """200 of its 400 pictures, each a track of its own."""
    detector, embed = models
    rows = []
    for clip in SampleDataset(sample_root).clips():
        if clip.kind == "image" and clip.frame % 2:
            found = keep_crop(read_image(clip.path), detector)
            row = {"clip": clip.clip, "track": clip.frame, "frame": clip.frame}
            rows.append(row | {"embedding": embed(found.image, found.landmarks)})
    faces = pd.DataFrame(rows)
    assert len(faces) == 200
    shown = pd.crosstab(people(faces), faces["clip"])
    assert shown.shape == (40, 40)
    assert shown.max(axis=1).sum() == 200  # purity 1


def test_two_people_side_by_side_are_two(sample_root, models):
    detector, embed = models
    rows = []
    readers = [read_frames(sample_root / f"clips/{name}.mp4") for name in ("franck", "cap12_edit")]
    for number, frames in enumerate(zip(*readers, strict=False)):
        if number >= 40:
            break
        if number % 8:
            continue
        height = min(frame.image.shape[0] for frame in frames)
        both = np.hstack([frame.image[:height] for frame in frames])
        found = sorted(detector(both), key=lambda face: face.bbox[0])
        assert len(found) == 2
        for side, face in enumerate(found):
            crop = crop_face(both, face, 128, 1.35)
            row = {"clip": "pair", "track": side, "frame": number}
            rows.append(row | {"embedding": embed(crop.image, crop.landmarks)})
    faces = pd.DataFrame(rows)
    assert (pd.crosstab(people(faces), faces.track).to_numpy() == [[5, 0], [0, 5]]).all()
