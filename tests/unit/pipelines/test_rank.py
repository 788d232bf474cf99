import json

import pytest
import yaml
from tests.unit.evaluation.test_ranking import run

from facsimile.pipelines.cli import main


@pytest.fixture
def runs(tmp_path):
    for job, steps in enumerate((100, 200, 400, 800)):
        folder = tmp_path / f"runs/{job}"
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(yaml.safe_dump({"trainer": {"max_steps": steps}}))
        (folder / "metrics.json").write_text(json.dumps(run(steps / 1000)))
    return tmp_path / "runs"


def rank(runs, output, *more):
    return main(["rank", f"input={runs}", "by=trainer.max_steps", f"output={output}", *more])


def test_swaps_are_ranked(runs, tmp_path):
    assert rank(runs, tmp_path / "out", "rank.draws=20") == 0
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert metrics["all/a_to_b/psnr/identity_gain/rho"] == pytest.approx(-1)
    text = (tmp_path / "out/table.md").read_text()
    assert "| a_to_b | max_steps=800 |" in text and "| b_to_a | no_swap |" in text


def test_two_runs_of_one_setting_are_refused(runs, tmp_path, capsys):
    config = yaml.safe_dump({"trainer": {"max_steps": 100}})
    (runs / "3/config.yaml").write_text(config)
    assert rank(runs, tmp_path / "out") == 2
    assert "2 runs have max_steps=100" in capsys.readouterr().err


def test_runs_without_a_rendered_clip_are_refused(runs, tmp_path, capsys):
    for path in runs.glob("*/metrics.json"):
        path.write_text(json.dumps({"test/crop/a_to_b/identity_source": 0.5}))
    assert rank(runs, tmp_path / "out") == 2
    assert "run render first" in capsys.readouterr().err
