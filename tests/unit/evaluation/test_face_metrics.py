import pytest
import torch
from torchmetrics.regression import CosineSimilarity

from facsimile.evaluation.face_metrics import FlickerRatio, IdentityCosine


def test_identity_cosine_is_torchmetrics_own():
    one, other = torch.randn(2, 7, 128, generator=torch.Generator().manual_seed(0))
    metric, reference = IdentityCosine(), CosineSimilarity(reduction="mean")
    for part in (slice(0, 3), slice(3, 7)):
        metric.update(one[part], other[part])
        reference.update(one[part], other[part])
    assert float(metric.compute()) == pytest.approx(float(reference.compute()), abs=1e-6)


@pytest.mark.parametrize("scale", [1, 255])
def test_even_motion_does_not_flicker_and_trembling_does(scale):
    ramp = torch.arange(5.0).view(1, 5, 1, 1, 1).expand(1, 5, 3, 4, 4) * 10
    shaken = ramp + torch.tensor([0.0, 5, 0, 5, 0]).view(1, 5, 1, 1, 1)
    twice = ramp + torch.tensor([0.0, 10, 0, 10, 0]).view(1, 5, 1, 1, 1)
    clips = [clip / scale if scale > 1 else clip.byte() for clip in (twice, shaken, ramp)]
    metric = FlickerRatio()
    metric.update(clips[0], clips[1])
    assert float(metric.compute()) == pytest.approx(2.0, abs=1e-5)
