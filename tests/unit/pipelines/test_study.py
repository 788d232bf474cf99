import json

import pytest
import yaml

from facsimile.pipelines.cli import main


@pytest.fixture
def sweep(tmp_path):
    """Four runs: k 0 and 1, two seeds each."""
    folder = tmp_path / "runs"
    for job, (k, ssim) in enumerate([(0, 0.5), (1, 0.75), (0, 0.7), (1, 0.95)]):
        (folder / str(job)).mkdir(parents=True)
        loss = {"_target_": f"some.module.Loss{k}", "weight": 1}
        config = {"task": {"sharpen_k": k}, "loss": loss}
        (folder / f"{job}/config.yaml").write_text(yaml.safe_dump(config))
        metrics = {"test/a/ssim": ssim, "test/a/psnr": 20 + k, "val/loss": 3.0}
        (folder / f"{job}/metrics.json").write_text(json.dumps(metrics))
    return folder


def study(sweep, output, *more):
    return main(["study", f"input={sweep}", f"output={output}", *more])


def test_runs_are_grouped_by_the_setting(sweep, tmp_path, capsys):
    out = tmp_path / "study"
    assert study(sweep, out, "by=task.sharpen_k", "measures=[test/*]") == 0
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["sharpen_k=0/test/a/ssim/mean"] == pytest.approx(0.6)
    assert metrics["sharpen_k=1/test/a/ssim/mean"] == pytest.approx(0.85)
    assert metrics["sharpen_k=1/test/a/ssim/n"] == 2
    assert not any("val/loss" in key for key in metrics)
    assert "| test/a/psnr | 20 ± 0 (2) | 21 ± 0 (2) |" in (out / "table.md").read_text()
    assert "test/a/ssim" in capsys.readouterr().out


def test_a_part_is_told_by_its_names(sweep, tmp_path):
    assert study(sweep, tmp_path / "study", "by=loss") == 0
    assert "loss=Loss1/test/a/ssim/mean" in (tmp_path / "study/metrics.json").read_text()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["by=task.absent"], "has no setting task.absent"),
        ([], "say by="),
        (["by=task.sharpen_k", "measures=[nothing]"], "none of the metrics nothing"),
    ],
)
def test_what_is_missing_is_named(sweep, tmp_path, capsys, more, told):
    assert study(sweep, tmp_path / "study", *more) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "study").exists()


def test_a_folder_without_runs_is_named(tmp_path, capsys):
    assert study(tmp_path / "nowhere", tmp_path / "study", "by=seed") == 2
    assert "no runs below input=" in capsys.readouterr().err
