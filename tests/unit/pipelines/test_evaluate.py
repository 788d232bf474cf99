import json
import shutil
import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from hydra import compose, initialize_config_dir

from facsimile.errors import UserError
from facsimile.faces.embedded_by import EMBEDDER
from facsimile.media.image import write_image
from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.pipelines import evaluate
from facsimile.provenance.read import read

CONF = Path(__file__).resolve().parents[3] / "conf"
# the last frames of each held-out clip, and a training face at its start
CLIPS = {"franck": ("franck", 4797), "cap": ("cap13_edit2", 762)}
LANDMARKS = np.float32([44, 50, 84, 50, 64, 72, 48, 94, 80, 94])
NET = {
    "_target_": "facsimile.models.df_autoencoder.DFAutoencoder",
    "resolution": 32,
    "encoder_dim": 4,
    "code_dim": 8,
    "inter_dim": 8,
    "decoder_dims": [8, 8, 8],
    "mask_dim": None,
}


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", list(overrides))


def write_checkpoint(path, task="swap"):
    torch.manual_seed(0)
    net = DFAutoencoder(**{key: value for key, value in NET.items() if key != "_target_"})
    state = {f"net.{key}": value for key, value in net.state_dict().items()}
    version = {"config": "a", "data": "b", "code": "c"}
    subjects = {"src": "franck", "dst": "cap"}
    meta = {"net": NET, "task": task, "version": version, "subjects": subjects}
    meta |= {"name": "tiny", "data": "sample", "coverage": 1.35}
    torch.save({"state_dict": state, "facsimile": meta}, path)


def write_tables(root, clips):
    """Three faces of each subject: one to train on, two held out."""
    rows = []
    for subject, (clip, start) in CLIPS.items():
        for frame, split in ((0, "train"), (start, "test"), (start + 1, "test")):
            image = next(read_frames(clips / f"{clip}.mp4", frame)).image[60:260, 90:290]
            path = f"{subject}_{frame}.png"
            write_image(root / "selected/sample" / path, cv2.resize(image, (128, 128)))
            rows.append(
                {"path": path, "subject": subject, "clip": clip, "frame": frame, "split": split}
            )
    split = pd.DataFrame(rows).assign(crop_landmarks=[LANDMARKS] * len(rows))
    selected = split[["clip", "frame"]].assign(
        embedding=[np.eye(128, dtype=np.float32)[0 if s == "franck" else 1] for s in split.subject]
    )
    (root / "splits/sample").mkdir(parents=True)
    split.to_parquet(root / "splits/sample/swap.parquet")
    selected.to_parquet(root / "selected/sample/selected.parquet")


def write_clips(folder, clips):
    """What render would leave: here the target, blurred a little (swap) or a lot (still)."""
    folder.mkdir(parents=True)
    for direction, target in (("franck_to_cap", "cap"), ("cap_to_franck", "franck")):
        clip, start = CLIPS[target]
        info = probe(clips / f"{clip}.mp4")
        for name, blur in ((direction, 3), (f"still_{direction}", 9)):
            size = (info.width, info.height, info.frame_rate)
            with VideoWriter(folder / f"{name}.mkv", *size, codec="ffv1") as writer:
                for frame in read_frames(clips / f"{clip}.mp4", start):
                    writer.write(cv2.GaussianBlur(frame.image, (blur, blur), 0))


@pytest.fixture(scope="module")
def made(sample_root, tmp_path_factory):
    """What the stages before the evaluation leave, and apart from it what render does."""
    folder = tmp_path_factory.mktemp("made")
    write_tables(folder / "before", sample_root / "clips")
    write_checkpoint(folder / "before/checkpoint.ckpt")
    write_clips(folder / "lossless", sample_root / "clips")
    return folder


@pytest.fixture
def lossless(made):
    """Lays the rendered clips into a folder."""
    return lambda folder: shutil.copytree(made / "lossless", folder)


@pytest.fixture
def recipe(tmp_path, made, sample_root, models_root):
    shutil.copytree(made / "before", tmp_path, dirs_exist_ok=True)
    return composed(
        "experiment=swap_df",
        "name=null",  # no recipe's results: nothing goes to MLflow
        "params.split.swap.blocks.franck.test=[4797,4800]",
        "params.split.swap.blocks.cap13_edit2.test=[762,765]",
        f"data.root={sample_root}",
        f"paths.models={models_root}",
        f"paths.selected={tmp_path / 'selected'}",
        f"paths.splits={tmp_path / 'splits'}",
        f"output={tmp_path}",
    )


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text())


@pytest.mark.sample
def test_crops_and_clips_are_measured(recipe, tmp_path, lossless, capsys):
    lossless(tmp_path / "render/lossless")
    evaluate.run(recipe)
    metrics = metrics_of(tmp_path)
    for subject in CLIPS:
        assert 0 < metrics[f"test/reconstruction/{subject}/ssim"] < 1
    for direction in ("franck_to_cap", "cap_to_franck"):
        swap, still = (metrics[f"test/{row}/{direction}/ssim"] for row in ("swap", "still"))
        assert 1 > swap > still > 0.5
        assert metrics[f"test/no_swap/{direction}/ssim"] == 1
        assert metrics[f"test/no_swap/{direction}/psnr"] is None
        assert metrics[f"test/no_swap/{direction}/psnr_infinite"] == 3
        assert metrics[f"test/swap/{direction}/landmark_error"] < 0.05
        assert -1 < metrics[f"test/crop/{direction}/identity_source"] < 1
        table = pd.read_parquet(tmp_path / "tables" / f"{direction}.parquet")
        assert len(table) == 3 * 3
        for kind in ("frames", "hard"):
            found = read(tmp_path / "plots" / f"{kind}_{direction}.png")
            assert found.status == "valid"
            said = json.dumps(found.manifest)
            assert f"face of {direction.partition('_to_')[0]}" in said
            assert '"sample/franck", "sample/cap"' in said
    assert metrics["test/swap/ssim"] == pytest.approx(
        np.mean([metrics[f"test/swap/{d}/ssim"] for d in ("franck_to_cap", "cap_to_franck")]),
        rel=1e-5,
    )
    curve = pd.read_csv(tmp_path / "plots/ssim_cap_to_franck.csv")
    assert list(curve.columns) == ["frame", "swap", "still", "no_swap"]
    assert list(curve["frame"]) == [4797, 4798, 4799]
    printed = capsys.readouterr().out
    assert "paper 1" in printed and "no swap" in printed


@pytest.mark.sample
def test_the_second_opinion_and_the_expression(recipe, tmp_path, lossless, capsys):
    pytest.importorskip("dlib")
    pytest.importorskip("face_recognition_models")
    lossless(tmp_path / "render/lossless")
    recipe.evaluation.second_identity_every = 1
    evaluate.run(recipe)
    metrics = metrics_of(tmp_path)
    for direction in ("franck_to_cap", "cap_to_franck"):
        # nobody was swapped here
        source, target = (
            metrics[f"test/swap/{direction}/second_identity_{side}"]
            for side in ("source", "target")
        )
        assert target > source > 0.7
        assert metrics[f"test/swap/{direction}/second_identity_frames"] == 3
        assert metrics[f"test/no_swap/{direction}/flicker_ratio"] == 1
        assert 0 < metrics[f"test/swap/{direction}/flicker_ratio"] <= 1.1  # blurred
    assert metrics["test/swap/second_identity_frames"] == 6
    assert "without evaluation." not in capsys.readouterr().out


@pytest.mark.sample
def test_without_optional_packages_their_figures_are_null(
    recipe, tmp_path, lossless, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, "dlib", None)
    recipe.evaluation.dense_detector = None
    lossless(tmp_path / "render/lossless")
    evaluate.run(recipe)
    metrics = metrics_of(tmp_path)
    for name in ("second_identity_source", "mouth_correlation", "eye_correlation"):
        assert metrics[f"test/swap/franck_to_cap/{name}"] is None
        assert metrics[f"test/swap/{name}"] is None
    assert metrics["test/swap/second_identity_frames"] == 0
    assert metrics["test/swap/flicker_ratio"] > 0
    printed = capsys.readouterr().out
    assert "without evaluation.second_embedder" in printed and "dlib" in printed


@pytest.mark.sample
def test_without_clips_only_crops_are_measured_and_it_says_so(recipe, tmp_path, capsys):
    evaluate.run(recipe)
    metrics = metrics_of(tmp_path)
    assert "test/crop/franck_to_cap/identity_source" in metrics
    assert not any(key.startswith("test/swap") for key in metrics)
    assert "only crops are measured" in capsys.readouterr().out


@pytest.mark.sample
def test_clips_of_another_length_are_refused(recipe, tmp_path, lossless):
    folder = tmp_path / "render/lossless"
    lossless(folder)
    with VideoWriter(folder / "franck_to_cap.mkv", 400, 300, Fraction(25), codec="ffv1") as writer:
        writer.write(np.zeros((300, 400, 3), np.uint8))
    with pytest.raises(UserError, match="render again"):
        evaluate.run(recipe)
    assert not (tmp_path / "metrics.json").exists()


def test_somewhere_to_write_must_be_said(tmp_path):
    with pytest.raises(UserError, match="output=DIR"):
        evaluate.run(composed(f"checkpoint={tmp_path / 'a.ckpt'}"))


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(UserError, match=r"a\.ckpt"):
        evaluate.run(composed(f"checkpoint={tmp_path / 'a.ckpt'}", f"output={tmp_path}"))


def test_the_checkpoints_task_must_be_the_recipes(tmp_path):
    write_checkpoint(tmp_path / "checkpoint.ckpt")
    with pytest.raises(UserError, match="task swap"):
        evaluate.run(composed("experiment=enhancement_r2unet", f"output={tmp_path}"))


def test_a_task_without_evaluation_is_refused(tmp_path):
    write_checkpoint(tmp_path / "checkpoint.ckpt", task="poetry")
    with pytest.raises(UserError, match="poetry"):
        evaluate.run(composed(f"checkpoint={tmp_path / 'checkpoint.ckpt'}", f"output={tmp_path}"))


def test_missing_splits_are_told_with_the_stage(tmp_path):
    write_checkpoint(tmp_path / "checkpoint.ckpt")
    cfg = composed("experiment=swap_df", f"output={tmp_path}", f"paths.splits={tmp_path}")
    with pytest.raises(UserError, match="facsimile split"):
        evaluate.run(cfg)


@pytest.mark.sample
def test_what_the_recipes_net_rendered_elsewhere_is_measured_there(recipe, tmp_path, lossless):
    folder = tmp_path / "colours/0"
    recipe.output, recipe.name, recipe.paths.experiments = str(folder), "mine", str(tmp_path)
    lossless(folder / "render/lossless")
    (tmp_path / "mine").mkdir()
    (tmp_path / "checkpoint.ckpt").rename(tmp_path / "mine/checkpoint.ckpt")
    evaluate.run(recipe)
    assert "test/swap/franck_to_cap/ssim" in metrics_of(folder)


@pytest.mark.sample
def test_embeddings_of_another_embedder_are_refused(recipe, tmp_path):
    path = tmp_path / "selected/sample/selected.parquet"
    said = {EMBEDDER: "facsimile.faces.dlib_resnet.DlibResNet"}
    pq.write_table(pq.read_table(path).replace_schema_metadata(said), path)
    with pytest.raises(UserError, match="DlibResNet.*facsimile select data=sample"):
        evaluate.run(recipe)
