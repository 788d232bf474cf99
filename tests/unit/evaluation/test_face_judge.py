import numpy as np
import pytest
import torch

from facsimile.evaluation.face_judge import FaceJudge
from facsimile.faces.align import template


class Middle(torch.nn.Module):
    """Logit: the red of the crop's middle."""

    def forward(self, images):
        side = images.shape[-1]
        return images[:, 0, side // 2, side // 2] * 10 - 5


def test_the_face_is_aligned_before_it_is_scored():
    frame = np.zeros((200, 200, 3), np.uint8)
    points = template(64, 1.6) + (100, 60)
    row, column = (round(float(value)) for value in (60 + 32, 100 + 32))
    frame[row - 3 : row + 4, column - 3 : column + 4, 0] = 255
    judge = FaceJudge(Middle().eval(), 64, 1.6, 64)
    assert judge(frame, points) == pytest.approx(1 / (1 + np.exp(-5)), abs=1e-4)
    assert judge(frame, points + 40) == pytest.approx(1 / (1 + np.exp(5)), abs=1e-4)


def test_the_net_sees_the_square_that_it_was_trained_on():
    sizes = []

    class Noting(torch.nn.Module):
        def forward(self, images):
            sizes.append(tuple(images.shape))
            return images.mean((1, 2, 3))

    FaceJudge(Noting().eval(), 64, 1.6, 48)(np.zeros((90, 90, 3), np.uint8), template(64, 1.6))
    assert sizes == [(1, 3, 48, 48)]
