import pytest
import torch
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.pipelines import devices as devices_module
from facsimile.pipelines.devices import check_batch_norm, check_devices, training_precision


@pytest.mark.parametrize(
    ("devices", "accelerator", "gpu", "possible"),
    [
        (2, "cpu", False, True),
        (3, "cpu", True, False),
        (3, "auto", False, False),
        (3, "auto", True, True),
        (3, "gpu", True, True),
        ("auto", "cpu", False, True),
    ],
)
def test_each_process_on_the_cpu_has_a_core(devices, accelerator, gpu, possible, monkeypatch):
    monkeypatch.setattr(devices_module, "usable_cores", lambda: 2)
    monkeypatch.setattr("torch.accelerator.is_available", lambda: gpu)
    chosen = {"devices": devices, "accelerator": accelerator}
    cfg = OmegaConf.create({"trainer": chosen})
    if possible:
        check_devices(cfg)
    else:
        with pytest.raises(UserError, match="trainer.devices=3"):
            check_devices(cfg)


def training(accelerator="auto", **others):
    return OmegaConf.create({"trainer": {"accelerator": accelerator, **others}})


NORMALISED = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 3), torch.nn.BatchNorm2d(3))


@pytest.mark.parametrize("accelerator", ["auto", "cpu"])
def test_means_over_processes_are_refused_on_the_cpu(accelerator, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UserError, match="trainer.sync_batchnorm=false"):
        check_batch_norm(training(accelerator, sync_batchnorm=True), NORMALISED)


def test_means_over_processes_are_taken_where_they_can_be(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    check_batch_norm(training(sync_batchnorm=True), NORMALISED)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    check_batch_norm(training(sync_batchnorm=True), NORMALISED[0])  # it has none
    check_batch_norm(training(sync_batchnorm=False), NORMALISED)
    check_batch_norm(training(), NORMALISED)


@pytest.mark.parametrize(
    ("accelerator", "gpu", "precision"),
    [("cpu", True, "32-true"), ("auto", True, "bf16-mixed"), ("auto", False, "32-true")],
)
def test_the_number_format_is_the_training_devices(accelerator, gpu, precision, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: gpu)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda emulated: True)
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: False)
    assert training_precision(training(accelerator, precision="auto")) == precision


def test_a_stated_number_format_is_taken():
    assert training_precision(training("cpu", precision="bf16-mixed")) == "bf16-mixed"
