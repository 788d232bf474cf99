"""Our stages in a small repository: pushed, wiped, pulled, cloned; nothing is trained again."""

import json
import os
import re
import shutil

import pytest
from tests.made_project import GIT, OURS, RECIPE, ROOT, Project, write_pipeline

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def project(tmp_path_factory, write_noise_faces, models_root):
    """A repository that was reproduced, committed, and pushed to a folder."""
    root = tmp_path_factory.mktemp("round_trip")
    folder = root / "project"
    folder.mkdir()
    write_pipeline(folder)
    (folder / "src").symlink_to(ROOT / "src")
    write_noise_faces(folder / "data")
    shutil.copytree(models_root, folder / "data/models")
    (folder / ".gitignore").write_text("/work\n__pycache__/\n")
    environment = os.environ | {"FACSIMILE_ROOT": ".", "DVC_NO_ANALYTICS": "1"}
    environment |= {"MLFLOW_TRACKING_URI": f"sqlite:///{root}/mlflow.db", "OMP_NUM_THREADS": "1"}
    made = Project(folder, environment)
    made("git", "init", "-q")
    made("dvc", "init", "-q")
    # what other tests compile meanwhile is no change of the code
    (folder / ".dvcignore").write_text("__pycache__/\n")
    assert made("dvc", "repro").count("Running stage") == len(OURS)
    made("dvc", "remote", "add", "-q", "-d", "store", str(root / "remote"))
    made("dvc", "push", "-q")
    made("git", "add", "-A")
    made(*GIT, "commit", "-qm", "reproduced")
    return made


def test_a_wiped_project_is_pulled_and_has_nothing_to_do(project):
    before = project.outputs()
    assert any(name.endswith("checkpoint.ckpt") for name in before)
    for gone in (".dvc/cache", f"experiments/{RECIPE}"):
        shutil.rmtree(project.folder / gone)
    project("git", "checkout", "-q", "experiments")  # what git keeps: configuration and metrics
    assert project.outputs() != before
    project("dvc", "pull", "-q", "dvc.yaml")
    assert project.outputs() == before
    assert "Running stage" not in project("dvc", "repro")
    assert project("git", "status", "--short") == ""


def test_a_clone_is_brought_up_to_date_without_training(project):
    """Without `dvc pull` too: `dvc repro --pull` fetches what it would have to make."""
    clone = Project(project.folder.parent / "clone", project.environment)
    project("git", "clone", "-q", ".", str(clone.folder))
    assert not (clone.folder / f"experiments/{RECIPE}/checkpoint.ckpt").exists()
    said = clone("dvc", "repro", "--pull")
    assert "Running stage" not in said
    assert clone.outputs() == project.outputs()
    assert "Data and pipelines are up to date" in clone("dvc", "status")
    assert clone("git", "status", "--short") == ""


def test_metrics_and_parameters_are_compared_between_revisions(project):
    metrics = project.folder / f"experiments/{RECIPE}/metrics.json"
    config = project.folder / f"experiments/{RECIPE}/config.yaml"
    kept = metrics.read_text(), config.read_text()
    values = json.loads(kept[0])
    key, value = next((k, v) for k, v in values.items() if isinstance(v, float))
    metrics.write_text(json.dumps(values | {key: value + 1}))
    config.write_text(kept[1].replace("max_steps: 2", "max_steps: 3"))
    try:
        [changed] = json.loads(project("dvc", "metrics", "diff", "--json")).values()
        assert list(changed) == [key] and changed[key]["diff"] == pytest.approx(1)
        [params] = json.loads(project("dvc", "params", "diff", "--json")).values()
        assert params["trainer.max_steps"] == {"old": 2, "new": 3, "diff": 1}
    finally:
        metrics.write_text(kept[0])
        config.write_text(kept[1])


def test_plots_are_drawn_from_whole_descriptions(project, tmp_path):
    project("dvc", "plots", "show", "-q", "-o", str(tmp_path / "plots"))
    page = (tmp_path / "plots/index.html").read_text()
    specs = [json.loads(text) for text in re.findall(r"var spec = ({.*});\n", page)]
    drawn = re.findall(r"vegaEmbed\('#(\w+)'", page)
    assert len(specs) == len(drawn) and f"experiments_{RECIPE}_train_curves_csv" in drawn
    by_name = dict(zip(drawn, specs, strict=True))
    # one value a degradation, where the others have one a strength
    assert {name for name, spec in by_name.items() if not spec} <= {
        f"experiments_{RECIPE}_plots_{measure}_methods_csv" for measure in ("psnr", "ssim")
    }
    for spec in filter(None, specs):
        assert "vega-lite" in spec["$schema"] and spec["data"]["values"]
        assert "<DVC_METRIC" not in json.dumps(spec)  # every place of the template is filled
    for picture in re.findall(r'<img src="([^"]+)"', page):
        assert (tmp_path / "plots" / picture).stat().st_size > 0
