"""A net trained by two processes on the CPU: what it learns is what one process would learn."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.tiny_recipes import training

from facsimile.pipelines.cli import main
from facsimile.tracking import Tracker

pytestmark = pytest.mark.long

# of sums in another order, over eight steps: rounding, which Adam makes larger
TOLERANCE = {"val/psnr": 0.01, "val/ssim": 1e-3, "val/loss": 1e-3, "train/loss": 1e-3}
ONE, TWO = ["trainer.accelerator=cpu"], ["trainer=ddp", "trainer.accelerator=cpu"]
CONSOLE = Path(sys.executable).with_name("facsimile")


@pytest.fixture
def root(tmp_path, write_noise_faces, models_root, monkeypatch):
    """A project's folder with faces of noise; its runs go to a database of its own."""
    write_noise_faces(tmp_path / "data")
    (tmp_path / "data/models").symlink_to(models_root)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def arguments(root, name, *overrides):
    """A training of eight steps, whose batches are larger than the data: faces repeat in them."""
    settings = ["task.data_module.batch_size=8", "trainer.precision=32-true", "optimizer.lr=1e-3"]
    # validations look at the net itself: its average is renewed every eighth step only
    settings += [
        "callbacks.preview.every=4",
        "callbacks.ema=null",
        "trainer.log_every_n_steps=1",
        *overrides,
    ]
    return [*training(root, "swap_df", *settings, steps=8), f"output={root}/{name}"]


def in_two_processes(arguments):
    environment = os.environ | {"OMP_NUM_THREADS": "1", "FACSIMILE_UNCHECKED": "1"}
    return subprocess.run(
        [str(CONSOLE), *arguments, "trainer.devices=2"],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_two_processes_learn_what_one_does(root):
    assert main(arguments(root, "one", *ONE)) == 0
    done = in_two_processes(arguments(root, "two", *TWO))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MEMBER: 2/2" in done.stderr  # there were two

    one, two = (pd.read_csv(root / name / "train/curves.csv") for name in ("one", "two"))
    assert list(one["step"]) == list(two["step"]) == [*range(1, 9)]
    # the same net sees the same faces first
    assert one["train/loss"][0] == pytest.approx(two["train/loss"][0], rel=1e-5)
    one, two = (curves.dropna().reset_index() for curves in (one, two))  # what was validated
    assert list(one["step"]) == [4, 8]
    for key, tolerance in TOLERANCE.items():
        assert np.allclose(one[key], two[key], rtol=0, atol=tolerance), key
    assert abs(np.diff(one["val/psnr"])[0]) > 10 * TOLERANCE["val/psnr"]  # it does learn

    metrics = [pd.read_json(root / name / "metrics.json", typ="series") for name in ("one", "two")]
    assert list(metrics[0].index) == list(metrics[1].index)
    files = [{p.name for p in (root / name / "train").rglob("*")} for name in ("one", "two")]
    assert files[0] == files[1]
    assert not list(root.glob(".*"))  # nothing is left to resume

    tracker = Tracker(f"sqlite:///{root}/mlflow.db")
    runs = tracker.client.search_runs([tracker.experiment_id])
    assert [run.info.status for run in runs] == ["FINISHED"] * 2  # one each, not one a process
    assert any(key.startswith("test/") for key in runs[0].data.metrics)


def test_a_net_with_batch_norm_normalises_each_share(root):
    """Torch takes means over processes on GPUs only: that is said, and what to give instead."""
    command = [*training(root, "enhancement_r2unet", *TWO, steps=4), f"output={root}/two"]
    refused = in_two_processes(command)
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert "trainer.sync_batchnorm=false" in refused.stderr

    done = in_two_processes([*command, "trainer.sync_batchnorm=false", "evaluate=false"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MEMBER: 2/2" in done.stderr
    curves = pd.read_csv(root / "two/train/curves.csv")
    assert np.isfinite(curves["train/loss"].dropna()).all()
    assert list(curves.dropna(subset="val/psnr")["step"]) == [2, 4]
