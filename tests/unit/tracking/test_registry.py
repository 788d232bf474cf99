"""A trained net becomes a model that a fresh process can load, and `best` only if it is."""

import pickletools
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from facsimile.data.batches import net_input
from facsimile.inference.enhance import Enhancer
from facsimile.models.frequency_net import FrequencyNet
from facsimile.models.r2unet import R2UNet
from facsimile.tracking import Tracker, registry
from facsimile.tracking.saved_model import save_model

NETS = {
    "enhancement": (R2UNet, {"widths": [4, 8]}),
    "detection": (FrequencyNet, {"width": 4}),
}


@pytest.fixture
def tracker(tmp_path, mlflow_uri, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Tracker(mlflow_uri)


def saved(folder, task, seed=0):
    """A saved model of an untrained net, and the net."""
    torch.manual_seed(seed)
    kind, sizes = NETS[task]
    net = kind(**sizes).eval()
    described = {"net": {"_target_": f"{kind.__module__}.{kind.__name__}", **sizes}, "task": task}
    state = {f"net.{key}": value for key, value in net.state_dict().items()}
    folder.mkdir(parents=True)
    stored = {"state_dict": state, "facsimile": described | {"crop_size": 32}}
    torch.save(stored, folder / "net.ckpt")
    save_model(folder / "model", folder / "net.ckpt", task, "# card")
    return folder / "model", net


def log(tracker, folder, version, value, **changed):
    run = tracker.open_run("recipe", version)
    entry = {"name": "enhancement-small", "task": "enhancement", "card": "# card"}
    entry |= {"metric": "test/psnr", "value": value, "higher": True, "measured": "so"}
    tracker.log_model(run, folder, **entry | {"sha256": version} | changed)
    return run


def best(tracker):
    found = tracker.client.get_model_version_by_alias("enhancement-small", "best")
    return found.run_id


def test_best_moves_only_to_what_is_better(tracker, tmp_path):
    folder, _ = saved(tmp_path / "a", "enhancement")
    first = log(tracker, folder, "v1", 20.0)
    assert best(tracker) == first
    log(tracker, folder, "v2", 19.0)
    log(tracker, folder, "v3", 20.0)
    log(tracker, folder, "v4", None)
    assert best(tracker) == first
    better = log(tracker, folder, "v5", 21.0)
    assert best(tracker) == better
    log(tracker, folder, "v6", 99.0, measured="otherwise")  # on other pictures
    log(tracker, folder, "v7", 99.0, metric="test/other")
    assert best(tracker) == better
    lower = log(tracker, folder, "v8", 3.0, higher=False)
    assert best(tracker) == lower


def test_of_two_that_end_at_once_the_better_is_best(tracker, tmp_path, monkeypatch):
    """Both saw the same best before them; the worse of them comes last."""
    folder, _ = saved(tmp_path / "a", "enhancement")
    log(tracker, folder, "v1", 20.0)
    before = registry._current(tracker.store, "enhancement-small")
    monkeypatch.setattr(registry, "_current", lambda *_: before)
    better = log(tracker, folder, "v2", 22.0)
    log(tracker, folder, "v3", 21.0)
    assert best(tracker) == better


def test_it_is_told_which_version_is_best_and_why(tracker, tmp_path, capsys):
    folder, _ = saved(tmp_path / "a", "enhancement")
    told = {}
    values = [("v1", 20.0), ("v2", 19.0), ("v3", 21.5), ("v4", None)]
    for name, value in values:
        log(tracker, folder, name, value)
        told[name] = capsys.readouterr().out
    assert "enhancement-small version 1, test/psnr 20: version 1 is `best`" in told["v1"]
    assert "version 1 stays `best`, with 20" in told["v2"]
    assert "version 3 is `best`, no longer version 1" in told["v3"]
    assert "not compared" in told["v4"] and "test/psnr" in told["v4"]
    log(tracker, folder, "v5", 99.0, measured="otherwise")
    assert "measured otherwise" in capsys.readouterr().out


def test_the_same_net_is_one_version(tracker, tmp_path):
    folder, _ = saved(tmp_path / "a", "enhancement")
    for value in (20.0, 20.0, 21.0):  # measured again, after an edit
        run = log(tracker, folder, "v1", value)
    [version] = tracker.client.search_model_versions("name = 'enhancement-small'")
    assert version.tags["test/psnr"] == "21.0" and version.description == "# card"
    models = tracker.client.search_logged_models([tracker.experiment_id])
    assert [(one.source_run_id, one.status) for one in models] == [(run, "READY")]


LOAD = """
import sys, mlflow, numpy as np
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/enhancement-small@best")
np.save(sys.argv[3], model.predict(np.load(sys.argv[2])))
"""


@pytest.mark.parametrize("task", NETS)
def test_a_fresh_process_loads_the_best_by_its_name(task, tracker, tmp_path):
    folder, net = saved(tmp_path / "a", task)
    log(tracker, folder, "v1", 20.0, task=task)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    np.save(tmp_path / "in.npy", pictures)
    places = [str(tmp_path / name) for name in ("in.npy", "out.npy")]
    command = [sys.executable, "-W", "ignore", "-c", LOAD, tracker.tracking_uri, *places]
    subprocess.run(command, check=True, cwd=tmp_path)
    made = np.load(tmp_path / "out.npy")
    with torch.inference_mode():
        if task == "enhancement":
            expected = np.stack([Enhancer(net)(one) for one in pictures])
        else:
            expected = torch.sigmoid(net(net_input(torch.from_numpy(pictures))).double()).numpy()
    assert made.dtype == expected.dtype and np.array_equal(made, expected)


def test_other_input_than_pictures_is_refused_by_the_signature(tmp_path, monkeypatch):
    import mlflow

    folder, _ = saved(tmp_path / "a", "enhancement")
    model = mlflow.pyfunc.load_model(str(folder))
    with pytest.raises(mlflow.MlflowException, match="shape|type"):
        model.predict(np.zeros((32, 32, 3), np.uint8))
    with pytest.raises(mlflow.MlflowException, match="type"):
        model.predict(np.zeros((1, 32, 32, 3), np.float32))
    assert model.predict(np.zeros((0, 32, 32, 3), np.uint8)).shape == (0, 32, 32, 3)


def test_no_file_of_a_model_holds_pickled_code(tmp_path):
    folder, _ = saved(tmp_path / "a", "detection")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names >= {"MLmodel", "README.md", "artifacts/net.ckpt", "served_code.py"}
    assert not [name for name in names if name.endswith(".pkl")]
    with zipfile.ZipFile(folder / "artifacts/net.ckpt") as archive:
        [data] = [archive.read(name) for name in archive.namelist() if name.endswith("data.pkl")]
    called = {str(arg) for op, arg, _ in pickletools.genops(data) if op.name == "GLOBAL"}
    assert called <= {"collections OrderedDict", "torch FloatStorage", "torch LongStorage",
                      "torch._utils _rebuild_tensor_v2"}  # fmt: skip


def test_a_checkpoint_that_was_replaced_by_code_does_not_run(tmp_path):
    import mlflow

    folder, _ = saved(tmp_path / "a", "enhancement")
    marker = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (Path.touch, (marker,))

    torch.save({"state_dict": Evil(), "facsimile": {}}, folder / "artifacts/net.ckpt")
    with pytest.raises(Exception, match="not a checkpoint that is safe to read"):
        mlflow.pyfunc.load_model(str(folder))
    assert not marker.exists()


def test_what_it_needs_is_pinned_to_what_is_installed(tmp_path):
    folder, _ = saved(tmp_path / "a", "enhancement")
    pins = (folder / "requirements.txt").read_text().split()
    assert f"torch=={torch.__version__.partition('+')[0]}" in [p.partition("+")[0] for p in pins]
    assert (folder / "README.md").read_text() == "# card"
