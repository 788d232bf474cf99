import json
import shutil
from contextlib import redirect_stdout
from io import StringIO

import cv2
import pandas as pd
import pytest
import torch
from hydra import compose, initialize_config_dir
from skimage.metrics import peak_signal_noise_ratio
from tests.tiny_recipes import CONF, training
from tests.tiny_test_sets import METHODS
from torch.nn import functional

from facsimile.errors import UserError
from facsimile.models.r2unet import R2UNet
from facsimile.pipelines import evaluate
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read

SIZE = {"widths": [4, 8]}


def write_checkpoint(path):
    torch.manual_seed(0)
    state = {f"net.{key}": value for key, value in R2UNet(**SIZE).state_dict().items()}
    net = {"_target_": "facsimile.models.r2unet.R2UNet", **SIZE}
    meta = {"net": net, "task": "enhancement", "name": "tiny", "data": "sample"}
    torch.save({"state_dict": state, "facsimile": meta}, path)


def compose_recipe(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", list(overrides))


def composed(root, *overrides):
    output = [f"paths.root={root}", f"output={root / 'out'}", "name=null"]
    return compose_recipe("experiment=enhancement_r2unet", *output, *overrides)


@pytest.fixture(scope="module")
def root(tmp_path_factory, write_noise_faces):
    root = tmp_path_factory.mktemp("root")
    write_noise_faces(root / "data")
    write_checkpoint(root / "tiny.ckpt")
    return root


@pytest.fixture(scope="module")
def out(root):
    evaluate.run(composed(root, f"checkpoint={root / 'tiny.ckpt'}"))
    return root / "out"


def test_the_net_joins_what_the_baselines_measured(out, root):
    table = pd.read_parquet(out / "tables/enhancement.parquet")
    others = pd.read_parquet(root / "data/baselines/sample/per_image.parquet")
    assert {*table.method} == {"net", *METHODS}
    assert table[table.method != "net"].reset_index(drop=True).equals(others)
    key = ["degradation", "strength", "path"]
    assert (
        table[table.method == "net"][key]
        .reset_index(drop=True)
        .equals(others[others.method == "no_op"][key].reset_index(drop=True))
    )
    metrics = json.loads((out / "metrics.json").read_text())
    for name in ("noise", "clean"):
        for place in (name, f"{name}/median3", f"{name}/colour", f"{name}/colour/constant_red"):
            assert 0 <= metrics[f"test/{place}/keras_accuracy"] <= 1
    assert metrics["test/noise/n"] == 4
    assert metrics["test/clean/no_op/psnr_infinite"] == 4


def test_curves_are_written_for_plots(out):
    curve = pd.read_csv(out / "plots/psnr_by_blur.csv")
    assert list(curve) == ["strength", "no_op", "best_filter", "blind_chain", "net"]
    assert list(curve["strength"]) == [1, 2.5]
    assert curve["no_op"].is_monotonic_decreasing


def test_sheets_are_signed(out):
    for name in ("noise", "clean"):
        path = out / f"plots/examples_{name}.jpg"
        assert read(path).status == "valid"
        # degraded, net, chain, filter, original
        assert cv2.imread(str(path)).shape[0] == 5 * (26 + 128 + 4)


def test_tables_are_printed_with_the_chain(root, capsys):
    evaluate.run(composed(root, f"checkpoint={root / 'tiny.ckpt'}"))
    printed = capsys.readouterr().out
    assert "blind chain: median3" in printed
    assert "beats the chain" in printed and "constant red" in printed


def test_every_strength_is_told_as_a_table(out, root, capsys):
    evaluate.run(composed(root, f"checkpoint={root / 'tiny.ckpt'}"))
    printed = capsys.readouterr().out
    table = pd.read_csv(out / "tables/by_strength.csv")
    assert list(table["degradation"]) == ["blur", "blur"]
    assert list(table["strength"]) == [1, 2.5]
    curve = pd.read_csv(out / "plots/psnr_by_blur.csv")
    for method in ("no_op", "best_filter", "blind_chain", "net"):
        assert list(table[f"{method}_psnr"]) == list(curve[method])
    assert "per degradation and strength" in printed
    assert f"{table['net_psnr'][0]:.2f} / {table['net_ssim'][0]:.3f}" in printed


def test_the_nets_of_other_runs_are_shown_as_they_are(root, capsys):
    paper, gone, other = (root / f"runs/{name}" for name in ("paper", "gone", "other"))
    for folder, metrics in ((paper, {"test/noise/psnr": 12.34}), (other, {"test/fog/psnr": 1.0})):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "metrics.json").write_text(json.dumps(metrics))
    chosen = [f"evaluation.beside=[{paper},{gone},{other}]", f"checkpoint={root / 'tiny.ckpt'}"]
    evaluate.run(composed(root, *chosen))
    printed = capsys.readouterr().out
    assert "12.34 / -" in printed and "paper" in printed
    assert f"there is no {gone}/metrics.json" in printed
    assert f"{other}/metrics.json is of other test sets" in printed
    assert "12.34" not in (root / "out/metrics.json").read_text()


def test_the_papers_net_is_what_stands_beside_ours():
    small, paper = (
        compose_recipe(f"experiment=enhancement_{name}", "paths.root=.")
        for name in ("small", "paper")
    )
    assert small.evaluation.beside == ["./experiments/enhancement_paper"]
    assert paper.evaluation.beside == []


def test_without_test_sets_it_says_what_to_run(root, tmp_path):
    cfg = composed(root, f"checkpoint={root / 'tiny.ckpt'}", f"paths.data={tmp_path}")
    for stopped in (evaluate.run, evaluate.check_measurable):
        with pytest.raises(UserError, match="dvc repro degrade@sample baselines@sample"):
            stopped(cfg)
    evaluate.check_measurable(composed(root))


def test_test_sets_of_an_earlier_version_are_found_before_the_training(root, tmp_path):
    degraded = tmp_path / "degraded/sample"
    degraded.mkdir(parents=True)
    table = pd.read_parquet(root / "data/degraded/sample/degraded.parquet")
    table.drop(columns="clip").to_parquet(degraded / "degraded.parquet")
    cfg = composed(root, f"paths.data={tmp_path}", "model.scale=2")
    with pytest.raises(UserError, match="lacks the columns clip"):
        evaluate.check_measurable(cfg)


@pytest.fixture(scope="module")
def doubled(tmp_path_factory, write_noise_faces):
    """What training a net that enlarges leaves, and what its evaluation printed."""
    root = tmp_path_factory.mktemp("doubled")
    write_noise_faces(root / "data")
    shutil.rmtree(root / "data/baselines")  # of whole pictures: nothing of it is used
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(StringIO()) as printed:
        patched.setenv("FACSIMILE_HOME", str(root / "home"))
        patched.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root}/mlflow.db")
        chosen = ["model.scale=2", "task.data_module.crop_size=32", f"output={root / 'out'}"]
        assert main(training(root, "enhancement_r2unet", *chosen)) == 0
    return root, printed.getvalue()


@pytest.mark.long
def test_beside_a_net_that_enlarges_stand_filters_followed_by_enlargement(doubled):
    root, printed = doubled
    table = pd.read_parquet(root / "out/tables/enhancement.parquet")
    assert {*table.degradation} == {"clean_x2", "noise_x2", "blur_x2"}
    filters = {path.stem for path in (CONF / "filter").glob("*.yaml")}
    assert {*table.method} == {"net", "constant_red"} | filters
    assert (table["pixels"] == 128**2).all()
    assert "no-op is their bicubic enlargement" in printed and "noise_x2" in printed
    clean = table[(table.degradation == "clean_x2") & (table.method == "no_op")]
    for path, psnr in zip(clean.path, clean.psnr, strict=True):
        gt = cv2.imread(str(root / "data/faces/sample" / path))
        small = torch.from_numpy(gt.reshape(64, 2, 64, 2, 3).mean((1, 3))).permute(2, 0, 1)[None]
        large = functional.interpolate(small, scale_factor=2, mode="bicubic").clamp(0, 255)
        wanted = peak_signal_noise_ratio(gt, large[0].permute(1, 2, 0).numpy(), data_range=255)
        assert psnr == pytest.approx(wanted, abs=0.05)


def test_sheets_and_curves_of_a_net_that_enlarges_say_so(doubled):
    plots = doubled[0] / "out/plots"
    # degraded, net, filter, original
    assert cv2.imread(str(plots / "examples_noise_x2.jpg")).shape[0] == 4 * (26 + 128 + 4)
    assert list(pd.read_csv(plots / "psnr_by_blur_x2.csv")["strength"]) == [1, 2.5]


def test_a_checkpoint_says_itself_that_its_net_enlarges(doubled, tmp_path):
    root, _ = doubled
    checkpoint = f"checkpoint={root / 'out/checkpoint.ckpt'}"
    cfg = composed(root, checkpoint, f"output={tmp_path}", "name=null")
    assert cfg.model.scale == 1
    evaluate.run(cfg)
    again, first = (
        pd.read_parquet(folder / "tables/enhancement.parquet")
        for folder in (tmp_path, root / "out")
    )
    pd.testing.assert_frame_equal(again, first)
