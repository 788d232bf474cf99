from pathlib import Path

import pytest
import torch

from facsimile.callbacks import free_memory as module
from facsimile.callbacks.free_memory import cgroup_room, free_memory


def container(folder, limit, used, cached):
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {cached}\n")
    return folder


def test_a_container_has_what_it_does_not_use_and_what_is_cached(tmp_path):
    assert cgroup_room(container(tmp_path, 1000, 700, 150)) == 450


@pytest.mark.parametrize("limit", ["max", None])
def test_without_a_limit_there_is_none(limit, tmp_path):
    if limit:
        container(tmp_path, limit, 700, 150)
    assert cgroup_room(tmp_path) is None


def test_the_smaller_room_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CGROUP", container(tmp_path, 1000, 700, 150))
    assert free_memory(torch.device("cpu")) == 450
    monkeypatch.setattr(module, "CGROUP", tmp_path / "absent")
    lines = Path("/proc/meminfo").read_text().splitlines()
    total = next(int(line.split()[1]) for line in lines if line.startswith("MemTotal")) * 1024
    assert total / 1000 < free_memory(torch.device("cpu")) < total
