"""Every trainer of conf/trainer builds; what this machine lacks is only refused by name."""

from pathlib import Path

import pytest
import pytorch_lightning as pl
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from pytorch_lightning.strategies import DDPStrategy, FSDPStrategy

CONF = Path(__file__).resolve().parents[3] / "conf"
TRAINERS = sorted(path.stem for path in (CONF / "trainer").glob("*.yaml"))


def configured(name, *overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"trainer={name}", "trainer.precision=32-true", *overrides])


@pytest.mark.parametrize("name", TRAINERS)
def test_a_trainer_changes_only_what_runs_where(name):
    """Recipes count on the rest: steps, clipping, validations."""
    places = {"accelerator", "devices", "num_nodes", "strategy", "sync_batchnorm"}
    plain, other = dict(configured("default").trainer), dict(configured(name).trainer)
    assert {key for key in other if other[key] != plain.get(key)} <= places
    assert not other["use_distributed_sampler"]  # data modules share each batch out


@pytest.mark.parametrize("name", [name for name in TRAINERS if name != "fsdp"])
def test_every_trainer_builds_on_a_machine_without_gpu(name, tmp_path):
    cfg = configured(name, "trainer.accelerator=cpu", "trainer.devices=1")
    trainer = instantiate(cfg.trainer, default_root_dir=tmp_path, logger=False)
    assert isinstance(trainer, pl.Trainer)
    assert isinstance(trainer.strategy, DDPStrategy) == (name == "ddp")


def test_fsdp_builds_where_there_are_gpus(tmp_path, monkeypatch):
    """Lightning looks for CUDA before anything else: here it is told of two."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    for place in ("pytorch_lightning.accelerators.cuda", "lightning_fabric.accelerators.cuda"):
        monkeypatch.setattr(f"{place}.num_cuda_devices", lambda: 2)
    trainer = instantiate(configured("fsdp").trainer, default_root_dir=tmp_path, logger=False)
    assert isinstance(trainer.strategy, FSDPStrategy) and trainer.num_devices == 2
