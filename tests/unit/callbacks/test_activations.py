import torch

from facsimile.callbacks.activations import kept_bytes


def test_counts_what_each_layer_keeps_once():
    net = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Sigmoid(), torch.nn.Linear(16, 4))
    known = {p.untyped_storage().data_ptr() for p in net.parameters()}
    x = torch.rand(5, 8)
    # the input, and what the sigmoid gave: its own backward needs it and so does the next layer's
    assert kept_bytes(lambda: net(x).sum(), known) == 4 * (5 * 8 + 5 * 16)


def test_nothing_is_kept_without_gradients():
    x = torch.rand(5, 8)
    assert kept_bytes(lambda: x.exp().sum(), set()) == 0
