"""Detectors measured on several data sets, and the controls that keep their figures honest."""

import json
import shutil

import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score
from tests.labelled_faces import write_labelled_faces
from tests.tiny_recipes import training

from facsimile.pipelines.cli import main

pytestmark = pytest.mark.usefixtures("in_project")
RECIPE = "detection_frequency"
OTHERS = {"test": ("uma", "vic")}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    write_labelled_faces(folder / "data")
    write_labelled_faces(folder / "data", "fakes", OTHERS)
    write_labelled_faces(folder / "data", "leaking", {"test": ("ann", "uma")})
    write_labelled_faces(folder / "data", "more", {"train": ("wim",), "val": ("xia",)})
    return folder


@pytest.fixture(scope="module")
def trained(root, tmp_path_factory):
    """A detector that has learnt what tells the fakes of noise."""
    output = root / "trained"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root}/mlflow.db")
        patch.chdir(root)
        own = [
            "task.data_module.batch_size=8",
            "task.data_module.crop_size=64",
            "optimizer.lr=1e-2",
        ]
        own += ["degradation=clean", "task.data_module.rotation=0.0", f"output={output}"]
        assert main([*training(root, RECIPE, *own, steps=40)]) == 0
    return output


def evaluate(root, trained, output, *overrides):
    arguments = [f"experiment={RECIPE}", f"paths.root={root}", f"output={output}"]
    return main(["evaluate", *arguments, f"checkpoint={trained}/checkpoint.ckpt", *overrides])


def test_a_training_ends_with_the_figures_of_unseen_people(trained):
    metrics = json.loads((trained / "metrics.json").read_text())
    frames = pd.read_parquet(trained / "tables/frames.parquet")
    assert set(frames["subject"]) == {"gus", "hal", "ida"}
    auc = roc_auc_score(frames["label"], frames["score"])
    assert metrics["test/self_blended/frame/auc"] == pytest.approx(auc, abs=1e-5)
    assert auc == 1.0
    assert metrics["test/self_blended/frame/n_identities"] == 3
    assert metrics["test/self_blended/frame/auc_low"] is None
    names = {path.name for path in (trained / "plots").iterdir()}
    assert names == {
        "roc_self_blended_frame.csv", "roc_self_blended_video.csv", "reliability_self_blended.csv"
    }  # fmt: skip


def test_the_checkpoint_says_how_its_faces_were_made(trained):
    meta = torch.load(trained / "checkpoint.ckpt", weights_only=True)["facsimile"]
    assert (meta["image_size"], meta["crop_size"], meta["coverage"]) == (128, 64, 1.35)
    assert meta["detector"]["model"] == "face_detection_yunet_2023mar_int8bq.onnx"
    assert meta["training_data"] == ["self_blended"]


def test_other_data_sets_are_measured_beside_it(root, trained, tmp_path):
    command = "evaluation.data=[self_blended,fakes]"
    assert evaluate(root, trained, tmp_path, command, "evaluation.frames=2") == 0
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    frames = pd.read_parquet(tmp_path / "tables/frames.parquet")
    assert frames.groupby("data").size().to_dict() == {"self_blended": 12, "fakes": 8}
    assert metrics["test/fakes/video/n_fake"] == 2


def test_a_person_of_the_training_is_refused_by_name(root, trained, tmp_path, capsys):
    assert evaluate(root, trained, tmp_path, "evaluation.data=[leaking]") == 2
    assert "identity ann is in test and train" in capsys.readouterr().err
    assert not (tmp_path / "metrics.json").exists()


def test_a_leak_is_found_before_a_training(root, tmp_path, capsys):
    own = ["evaluation.data=[leaking]", f"output={tmp_path}/a"]
    assert main([*training(root, RECIPE, *own)]) == 2
    assert "identity ann is in test and train" in capsys.readouterr().err
    assert not (tmp_path / "a/checkpoint.ckpt").exists()


def test_faces_can_be_degraded_before_they_are_measured(root, trained, tmp_path):
    heavy = [
        "degradation@evaluation.degradation=gaussian_noise",
        "evaluation.degradation.sigma=[60.0,60.0]",
    ]
    assert evaluate(root, trained, tmp_path, *heavy) == 0
    worse = pd.read_parquet(tmp_path / "tables/frames.parquet")
    clean = pd.read_parquet(trained / "tables/frames.parquet")
    assert (worse["path"] == clean["path"]).all()
    fakes = worse["label"] == 1
    assert worse["logit"][fakes].mean() < clean["logit"][fakes].mean()  # noise hides the blur


def test_several_data_sets_are_learnt_from_and_told(root, tmp_path, capsys):
    own = ["task.data_module.data=[self_blended,more]", f"output={tmp_path}/b", "evaluate=false"]
    assert main([*training(root, RECIPE, *own)]) == 2
    assert "there is no conf/data/more.yaml" in capsys.readouterr().err
    own[0] = "task.data_module.data=[self_blended,fakes]"
    write_labelled_faces(root / "data", "fakes", {"train": ("wim",), "val": ("xia",), **OTHERS})
    assert main([*training(root, RECIPE, *own)]) == 0
    meta = torch.load(tmp_path / "b/checkpoint.ckpt", weights_only=True)["facsimile"]
    assert meta["training_data"] == ["self_blended", "fakes"]
    assert "fakes:" in meta["consent"] and "self_blended:" in meta["consent"]


def test_without_its_recipe_a_detector_is_not_measured(root, trained, tmp_path, capsys):
    arguments = [
        f"checkpoint={trained}/checkpoint.ckpt",
        f"output={tmp_path}",
        f"paths.root={root}",
    ]
    assert main(["evaluate", *arguments]) == 2
    assert "say experiment=NAME" in capsys.readouterr().err


def test_a_data_set_without_fakes_is_refused(root, tmp_path, capsys):
    path = root / "data/splits/sample/identity.parquet"
    path.parent.mkdir(exist_ok=True)
    rows = pd.read_parquet(root / "data/splits/self_blended/identity.parquet")
    rows[rows["label"] == 0].to_parquet(path)
    assert main([*training(root, RECIPE, "data=sample", f"output={tmp_path}/c")]) == 2
    assert "sample has no fake face in the split test" in capsys.readouterr().err


def test_another_split_after_the_training_hides_no_leak(root, trained, tmp_path, capsys):
    """Whom the checkpoint saw counts, not whom the tables call trained on now."""
    for name in ("faces", "splits"):
        shutil.copytree(root / "data" / name, tmp_path / "data" / name)
    path = tmp_path / "data/splits/self_blended/identity.parquet"
    rows = pd.read_parquet(path)
    rows["split"] = rows["split"].map({"train": "test", "test": "train", "val": "val"})
    rows.to_parquet(path)
    place = f"paths.data={tmp_path}/data"
    assert evaluate(root, trained, tmp_path / "out", place) == 2
    assert "identity ann is in test and train" in capsys.readouterr().err
    old = tmp_path / "old"
    old.mkdir()
    stored = torch.load(trained / "checkpoint.ckpt", weights_only=True)
    del stored["facsimile"]["seen"]
    torch.save(stored, old / "checkpoint.ckpt")
    assert evaluate(root, old, tmp_path / "out", place) == 0
    assert "does not say whom its training saw" in capsys.readouterr().err


def test_a_net_that_goes_on_from_another_has_seen_whom_that_one_saw(
    root, trained, tmp_path, capsys
):
    write_labelled_faces(tmp_path, "fakes", {"train": ["wim"], "val": ["xia"], "test": ["uma"]})
    places = ["data=fakes", f"paths.faces={tmp_path}/faces", f"paths.splits={tmp_path}/splits"]
    own = ["task.data_module.crop_size=64", f"output={tmp_path}/on", "evaluate=false"]
    arguments = training(root, RECIPE, *places, *own)
    assert main([*arguments, f"init={trained}/checkpoint.ckpt"]) == 0
    assert evaluate(root, tmp_path / "on", tmp_path / "out", "evaluation.data=[leaking]") == 2
    assert "identity ann is in test and train" in capsys.readouterr().err


def test_a_detector_is_trained_on_a_fold_of_swapped_videos_and_tested_on_who_is_held_out(
    root, tmp_path
):
    """As the study `fakes` leaves them: each fold in a folder of its own."""
    fold = tmp_path / "held_out/cap"
    people = {"train": ("franck", "eve"), "val": ("bob",), "test": ("cap",)}
    faces_of = {"franck": "eve", "eve": "franck", "bob": "cap", "cap": "bob"}
    write_labelled_faces(fold, "fakes", people, faces_of=faces_of)
    places = ["data=fakes", f"paths.faces={fold}/faces", f"paths.splits={fold}/splits"]
    assert main([*training(root, RECIPE, *places, f"output={tmp_path}/run")]) == 0
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert metrics["test/fakes/frame/n_fake"] == 3 and metrics["test/fakes/frame/n_identities"] == 1
    table = pd.read_parquet(tmp_path / "run/tables/identities.parquet")
    assert table[["subject", "faces_of"]].to_numpy().tolist() == [["cap", "bob"]]


def test_a_detector_of_other_faces_is_tested_on_a_fold(root, trained, tmp_path):
    """Nothing of the data that it was trained on has to lie beside the fold."""
    write_labelled_faces(tmp_path, "fakes", {"test": ["uma"]}, faces_of={"uma": "vic"})
    places = [f"paths.faces={tmp_path}/faces", f"paths.splits={tmp_path}/splits"]
    places.append("evaluation.data=[fakes]")
    assert evaluate(root, trained, tmp_path / "out", *places) == 0
    assert "test/fakes/video/auc" in json.loads((tmp_path / "out/metrics.json").read_text())
