import pytest
import torch
from torch import nn

from facsimile.models.meso4 import Meso4


def test_is_as_large_as_published():
    assert sum(p.numel() for p in Meso4().parameters()) == 27_977


def test_its_stages_are_those_of_figure_1():
    net = Meso4()
    convs = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    assert [(c.out_channels, c.kernel_size[0]) for c in convs] == [(8, 3), (8, 5), (16, 5), (16, 5)]
    assert net.late(net.early(torch.rand(1, 3, 256, 256))).shape == (1, 16, 32, 32)
    assert [m.in_features for m in net.modules() if isinstance(m, nn.Linear)] == [1024, 16]


def test_a_logit_of_each_face_which_dropout_leaves_alone_when_it_has_learnt():
    torch.manual_seed(0)
    net, faces = Meso4(64).eval(), torch.rand(3, 3, 64, 64)
    together = net(faces)
    alone = torch.cat([net(face[None]) for face in faces])
    assert together.shape == (3,)
    torch.testing.assert_close(together, alone)


def test_another_size_is_refused():
    with pytest.raises(ValueError, match="multiple of 32, not 100"):
        Meso4(100)
    with pytest.raises(ValueError, match="96x64 pixels, but image_size=64"):
        Meso4(64)(torch.rand(1, 3, 64, 96))
