"""restore-faces and detect-restored: from faces to what enhancement does for a detector."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from scipy.ndimage import median_filter
from tests.labelled_faces import write_labelled_faces

from facsimile.media.image import read_image
from facsimile.models.frequency_net import FrequencyNet
from facsimile.models.r2unet import R2UNet
from facsimile.pipelines.cli import main

NETS = {
    "detection": ("facsimile.models.frequency_net.FrequencyNet", FrequencyNet, {}),
    "enhancement": ("facsimile.models.r2unet.R2UNet", R2UNet, {"widths": [4, 8]}),
}
MORE = {"detection": {"crop_size": 48, "image_size": 64, "coverage": 1.35}, "enhancement": {}}


def write_net(path, task, seed=0, **told):
    target, kind, sizes = NETS[task]
    torch.manual_seed(seed)
    weights = {f"net.{key}": value for key, value in kind(**sizes).state_dict().items()}
    meta = (
        {"net": {"_target_": target, **sizes}, "task": task, "data": "sample"} | MORE[task] | told
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": weights, "facsimile": meta}, path)
    return path


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_labelled_faces(tmp_path / "data")
    return [f"paths.root={tmp_path}", "data=self_blended"]


def test_faces_are_degraded_and_restored_once(world, tmp_path):
    plain, median = tmp_path / "plain", tmp_path / "median"
    chosen = ["degradation=salt_and_pepper_10", "restore_faces.splits=[train,val]"]
    assert main(["restore-faces", *world, *chosen, f"output={plain}"]) == 0
    assert main(["restore-faces", *world, *chosen, "filter=median3", f"output={median}"]) == 0
    table = pd.read_parquet(tmp_path / "data/splits/self_blended/identity.parquet")
    made = {path.relative_to(plain / "self_blended").as_posix() for path in plain.rglob("*.png")}
    assert made == set(table.loc[table["split"] != "test", "path"])
    one = sorted(made)[0]
    face, degraded, restored = (
        read_image(folder / "self_blended" / one)
        for folder in (tmp_path / "data/faces", plain, median)
    )
    extreme = ((degraded == 0) | (degraded == 255)).all(axis=2)
    assert extreme.mean() == pytest.approx(0.1, abs=0.03)
    assert (degraded[~extreme] == face[~extreme]).all()
    inner = (slice(2, -2), slice(2, -2))
    assert (restored[inner] == median_filter(degraded, (3, 3, 1))[inner]).all()
    assert yaml.safe_load((median / "treatment.yaml").read_text())["filter"]


def test_a_net_restores(world, tmp_path):
    path = write_net(tmp_path / "net.ckpt", "enhancement")
    out = tmp_path / "out"
    told = ["degradation=clean", f"checkpoint={path}", f"output={out}"]
    assert main(["restore-faces", *world, *told]) == 0
    assert len([*out.rglob("*.png")]) == 54


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["output=out"], "degradation=NAME"),
        (["degradation=clean"], "output=DIR"),
        (["degradation=clean", "output=out", "filter=median3", "checkpoint=net.ckpt"], "not both"),
        (
            ["degradation=clean", "output=out", "checkpoint=judge.ckpt"],
            "give one of task enhancement",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(world, tmp_path, capsys, more, told):
    write_net(tmp_path / "judge.ckpt", "detection")
    assert main(["restore-faces", *world, *more]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_detectors_are_compared_on_every_treatment(world, tmp_path, capsys):
    for kind in ("clean", "degraded"):
        for run in range(2):
            write_net(tmp_path / f"runs/{kind}/{run}/checkpoint.ckpt", "detection", run)
    small = write_net(tmp_path / "small.ckpt", "enhancement")
    chosen = [f"input={tmp_path}/runs", f"output={tmp_path}/out", "evaluation=detection"]
    nets = [f"detect_restored.nets={{small: {small}, paper: null, r2unet: null}}"]
    assert main(["detect-restored", *world, *chosen, *nets]) == 0
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    ways = {tuple(key.split("/")[1:4]) for key in metrics}
    assert {way[0] for way in ways} == {"clean", "degraded"}
    assert {way[2] for way in ways} == {"unrestored", "median3", "small"}
    assert {"clean", "blur_1", "blur_2", "blur_3", "all"} < {way[1] for way in ways}
    assert metrics["test/clean/clean/small/n_identities"] == 3
    scores = pd.read_parquet(tmp_path / "out/tables/scores.parquet")
    assert np.isfinite(scores["score"]).all()
    # the same nets under two names: what they gain over each other is nothing
    assert metrics["test/clean/all/unrestored/over_degraded"] == 0
    assert "| clean | all | small |" in (tmp_path / "out/table.md").read_text()


def test_a_reference_that_was_not_trained_is_named(world, tmp_path, capsys):
    write_net(tmp_path / "runs/clean/checkpoint.ckpt", "detection")
    chosen = [f"input={tmp_path}/runs", "output=out", "evaluation=detection"]
    assert main(["detect-restored", *world, *chosen]) == 2
    assert "detect_restored.reference=degraded" in capsys.readouterr().err


def test_who_was_trained_on_is_not_tested(world, tmp_path, capsys):
    write_net(tmp_path / "runs/checkpoint.ckpt", "detection", seen=[["identity", "gus", "train"]])
    chosen = [f"input={tmp_path}/runs", "output=out", "evaluation=detection"]
    nets = "detect_restored.nets={small: null, paper: null, r2unet: null}"
    lone = "detect_restored.reference=null"
    assert main(["detect-restored", *world, *chosen, lone, nets]) == 2
    assert "gus is in test and train" in capsys.readouterr().err
