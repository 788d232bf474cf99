import torch

from facsimile.inference.precision import autocast, autocast_dtype


def test_bfloat16_only_where_the_processor_has_it(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert autocast_dtype() is torch.bfloat16
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert autocast_dtype() is None


def test_gpu_is_asked_for_hardware_not_emulation(monkeypatch):
    asked = []
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda emulated: asked.append(emulated) or True
    )
    assert autocast_dtype("cuda:0") is torch.bfloat16
    assert asked == [False]


def test_autocast_sets_the_format_of_the_arithmetic():
    x = torch.rand(4, 4)
    with autocast(torch.bfloat16):
        assert (x @ x).dtype is torch.bfloat16
    with autocast(None):
        assert (x @ x).dtype is torch.float32
