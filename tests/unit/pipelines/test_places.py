import subprocess
import sys

import pytest
import yaml
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.pipelines.cli import main
from facsimile.pipelines.places import check_output, check_recipe_folder

RECIPES = ["swap_df", "enhancement_r2unet"]
SWEEP = ["resolve", "-m", f"experiment={','.join(RECIPES)}"]


def tree(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def run(folder, *arguments):
    # A process of its own: Hydra keeps a sweep's time for as long as it lives.
    code = "import sys; from facsimile.pipelines.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=folder, check=False)
    return done.returncode


def test_a_sweep_with_an_output_writes_nowhere_else(tmp_path):
    output = tmp_path / "sw, ü (2) v1.2"
    assert run(tmp_path, *SWEEP, f"output={output}", f"paths.root={tmp_path}/root") == 0
    assert list(tmp_path.iterdir()) == [output]
    assert tree(output) == {"multirun.yaml", "0/config.yaml", "1/config.yaml"}
    for job, name in enumerate(RECIPES):
        assert yaml.safe_load((output / f"{job}/config.yaml").read_text())["name"] == name


@pytest.mark.long
def test_a_sweep_without_one_lies_below_the_root(tmp_path):
    assert run(tmp_path, *SWEEP, f"paths.root={tmp_path}/root") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    (sweep,) = (tmp_path / "root/multirun").iterdir()
    assert tree(sweep) == {"multirun.yaml", "0/config.yaml", "1/config.yaml"}


@pytest.mark.long
def test_each_job_of_a_sweep_has_an_output_of_its_own(tmp_path):
    roots = f"paths.root={tmp_path}/a,{tmp_path}/b"
    assert run(tmp_path, "report", "-m", roots, f"output={tmp_path}/out") == 0
    pages = {f"{job}/index.{kind}" for job in (0, 1) for kind in ("html", "md")}
    assert tree(tmp_path) == {f"out/{name}" for name in (*pages, "multirun.yaml")}


@pytest.mark.parametrize("name", ["train", "render", "tables", "plots"])
def test_training_replaces_no_folder_that_it_did_not_make(tmp_path, capsys, name):
    own = tmp_path / "mine" / name
    own.mkdir(parents=True)
    (own / "thesis.txt").write_text("mine")
    arguments = [f"paths.root={tmp_path}/root", f"output={tmp_path}/mine"]
    assert main(["train", "experiment=enhancement_r2unet", *arguments]) == 2
    assert f"{name} is not replaced: it holds thesis.txt" in capsys.readouterr().err
    assert tree(tmp_path) == {f"mine/{name}/thesis.txt"}


def test_a_recipe_s_folder_as_dvc_leaves_it_passes(tmp_path):
    for name in ("train", "render"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".gitignore").write_text("/signed")
    check_recipe_folder(tmp_path)
    for name in ("train/curves.csv", "render/lossless", "plots/a.csv", "tables/a.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("old")
    check_recipe_folder(tmp_path)


def test_a_file_where_the_recipe_s_folder_would_be_is_told(tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(UserError, match="notes is a file"):
        check_recipe_folder(tmp_path / "notes")


@pytest.mark.parametrize("output", ["/proc/self/new", "/dev/null/made/table.csv"])
def test_a_place_that_takes_no_file_is_refused_before_any_work(output):
    """A folder without a right to write would do for most users, but not for root."""
    with pytest.raises(UserError, match=rf"output={output} cannot be written"):
        check_output(OmegaConf.create({"output": output}))


def test_a_place_that_takes_one_is_left_as_it_was(tmp_path):
    check_output(OmegaConf.create({"output": str(tmp_path / "new/deeper/table.csv")}))
    check_output(OmegaConf.create({"output": None}))
    assert not list(tmp_path.iterdir())
