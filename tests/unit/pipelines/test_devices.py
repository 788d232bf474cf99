import pytest
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.pipelines import devices as devices_module
from facsimile.pipelines.devices import check_devices


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
