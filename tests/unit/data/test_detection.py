from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import rotate
from tests.labelled_faces import PEOPLE, SIDE, noise, write_labelled_faces

from facsimile.data.detection import DetectionData, HeldOutFaces, TrainingFaces
from facsimile.data.detection_faces import labelled_faces
from facsimile.degradations.blur import Blur
from facsimile.degradations.chain import Chain
from facsimile.errors import UserError
from facsimile.media.image import read_image, write_image


@pytest.fixture
def root(tmp_path):
    write_labelled_faces(tmp_path)
    return tmp_path


def data(root, **changes):
    settings = {
        "faces": root / "faces", "splits": root / "splits", "data": ["self_blended"],
        "degradation": Chain([]), "seed": 1, "batch_size": 4, "max_steps": 5, "crop_size": 32,
        "workers": 0,
    }  # fmt: skip
    return DetectionData(**settings | changes)


def fitted(root, **changes):
    module = data(root, **changes)
    module.setup("fit")
    return module


def test_pictures_and_labels_belong_together(root):
    module = fitted(root, crop_size=SIDE, mirror=0.0, rotation=0.0)
    images, labels = next(iter(module.train_dataloader()))
    assert images.dtype == torch.uint8 and images.shape == (4, SIDE, SIDE, 3)
    assert labels.tolist() == [0, 0, 1, 1]
    rows = labelled_faces(root / "faces", root / "splits", ["self_blended"])
    known = {
        read_image(Path(row.file)).tobytes(): (row.split, row.label) for row in rows.itertuples()
    }
    for image, label in zip(images, labels, strict=True):
        assert known[image.numpy().tobytes()] == ("train", int(label))


def test_validation_sees_all_its_faces_as_they_are(root):
    module = fitted(root, crop_size=SIDE, degradation=Blur(3.0))
    faces = [module.val_faces[place] for place in range(len(module.val_faces))]
    assert len(faces) == len(PEOPLE["val"]) * 2 * 3
    assert [label for _, label in faces] == [0, 0, 0, 1, 1, 1] * 2
    path = root / "faces/self_blended/images/eve_0/000000.png"
    assert np.array_equal(faces[0][0], read_image(path))


def test_what_is_drawn_is_a_function_of_seed_step_and_sample(root):
    files = [str(root / "faces/self_blended/images/ann_0/000000.png")]

    def drawn(seed, *keys):
        faces = TrainingFaces(files, np.array([0]), Blur([0.1, 2]), 32, seed)
        return [image for image, _ in faces.__getitems__(list(keys))]

    [first], [again] = drawn(1, (3, 0, 0)), drawn(1, (3, 0, 0))
    assert np.array_equal(first, again)
    twice = drawn(1, (3, 0, 0), (3, 0, 1))
    assert np.array_equal(twice[0], first) and not np.array_equal(twice[1], first)
    assert not np.array_equal(drawn(1, (4, 0, 0))[0], first)
    assert not np.array_equal(drawn(2, (3, 0, 0))[0], first)


def test_faces_are_mirrored_and_turned(tmp_path):
    face = np.zeros((33, 33, 3), np.uint8)
    face[8:12, 20:26] = 255
    write_image(tmp_path / "face.png", face)
    labels = np.array([0])
    mirror = TrainingFaces([str(tmp_path / "face.png")], labels, Chain([]), 33, 0, 1.0, 0.0)
    assert np.array_equal(mirror.__getitems__([(0, 0, 0)])[0][0], face[:, ::-1])
    turner = TrainingFaces([str(tmp_path / "face.png")], labels, Chain([]), 33, 0, 0.0, 30.0)
    seen = [turner.__getitems__([(step, 0, 0)])[0][0] for step in range(60)]
    same = sum(np.array_equal(image, face) for image in seen)
    assert 18 <= same <= 42  # half of them
    wanted = [rotate(face, angle, reshape=False, order=1) for angle in np.arange(-30, 30.1, 0.5)]
    for image in seen:
        nearest = min(np.abs(image.astype(float) - other).mean() for other in wanted)
        assert nearest < 1.5


def test_a_degradation_of_tested_faces_follows_from_their_path(root):
    rows = labelled_faces(root / "faces", root / "splits", ["self_blended"])
    worse = HeldOutFaces(rows, 32, Blur([0.5, 3.0]))
    part = HeldOutFaces(rows.iloc[7:], 32, Blur([0.5, 3.0]))
    assert np.array_equal(worse[9][0], part[2][0])
    assert not np.array_equal(worse[9][0], HeldOutFaces(rows, 32)[9][0])


def test_batches_become_numbers(root):
    batch = (torch.full((2, 4, 4, 3), 51, dtype=torch.uint8), torch.tensor([0, 1]))
    images, labels = data(root).on_after_batch_transfer(batch, 0)
    assert images.shape == (2, 3, 4, 4) and images.unique().tolist() == pytest.approx([0.2])
    assert labels.tolist() == [0.0, 1.0] and labels.dtype == torch.float32


def test_shuffled_labels_are_those_of_training_only(root):
    module = fitted(root, shuffled_labels=True)
    plain = fitted(root)
    assert module.train_faces.files == plain.train_faces.files
    assert abs(np.corrcoef(module.train_faces.labels, plain.train_faces.labels)[0, 1]) < 1e-9
    assert module.val_faces.rows["label"].equals(plain.val_faces.rows["label"])


def test_several_data_sets_are_learnt_from_together(root):
    write_labelled_faces(root, "fakes", {"train": ["zoe"], "val": ["yan"]})
    module = fitted(root, data=["self_blended", "fakes"])
    assert sum("/fakes/" in file for file in module.train_faces.files) == 6


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ({"train": ["zoe"], "val": ["ann"]}, "identity ann is in train and val"),
        ({"train": ["gus"]}, "identity gus is in test and train"),
    ],
)
def test_who_is_in_two_splits_is_refused_by_name(root, people, message):
    write_labelled_faces(root, "fakes", people)
    with pytest.raises(UserError, match=message):
        fitted(root, data=["self_blended", "fakes"])


def test_what_was_seen_is_what_was_trained_and_validated_on(root):
    seen = fitted(root).seen
    people = {(name, split) for kind, name, split in seen if kind == "target"}
    assert people == {(who, split) for split in ("train", "val") for who in PEOPLE[split]}
    assert ["video", "self_blended/ann_1", "train"] in seen


def test_an_odd_batch_is_refused(root):
    with pytest.raises(UserError, match="batch_size=5: give an even number"):
        data(root, batch_size=5)


def test_few_frames_of_a_video(root):
    assert len(fitted(root, frames=2).train_faces) == len(PEOPLE["train"]) * 2 * 2


def test_noise_that_is_blurred_is_another():
    assert noise(1, True).std() < noise(1, False).std()
