"""dvc.yaml as a graph: stages name their modules, and depend on all the code they run through."""

from pathlib import Path

import pytest
import yaml
from hydra import compose, initialize_config_dir

from facsimile.pipelines.cli import commands
from facsimile.pipelines.imports import closure, module_path
from facsimile.pipelines.version import (
    MEASURING_CODE,
    MEASURING_SECTIONS,
    MEASURING_STAGES,
    PACKAGE,
    TRAINING_SECTIONS,
    code_files,
)

ROOT = Path(__file__).resolve().parents[2]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def body(stage):
    return stage.get("do", stage)


def command_of(stage):
    return body(stage)["cmd"].split()[1]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_named_like_its_module(name):
    assert command_of(STAGES[name]) in commands()
    assert name.split("_")[0] == command_of(STAGES[name])


@pytest.mark.parametrize("name", STAGES)
def test_the_code_a_stage_depends_on_exists(name):
    for dependency in body(STAGES[name])["deps"]:
        if dependency.startswith("src/") and "${" not in dependency:
            assert (ROOT / dependency).exists(), dependency


# what a stage runs through; evaluate's module leads to both tasks, each stage needs its own
ENTRIES = [
    *(
        (name, f"facsimile.pipelines.{name}")
        for name in ("fetch", "inventory", "extract", "select", "split")
    ),
    *((name, f"facsimile.pipelines.{name}") for name in ("render", "report")),
    ("evaluate_swap", "facsimile.pipelines.swap_evaluation"),
    ("evaluate_enhancement", "facsimile.evaluation.enhancement"),
    *((name, "facsimile.pipelines.train") for name in ("train_swap", "train_enhancement")),
]
# tables.py names columns of facsimile.evaluation.swap; the report recognises no face
REPORT_READS_ONLY = ("facsimile.faces.detect", "facsimile.faces.identity")


# the stages train with evaluate=false; the evaluation is a stage of its own
ELSEWHERE = {"train": ("facsimile.pipelines.evaluate",), "report": REPORT_READS_ONLY}


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_a_stage_depends_on_all_the_code_it_imports(name, entry):
    """Otherwise an edit of that code would leave the stage's outputs stale."""
    watched = watched_by(name)
    for module in closure([entry], ELSEWHERE.get(command_of(STAGES[name]), ())):
        path = module_path(module)
        empty = path.name == "__init__.py"  # a docstring only
        assert covered(path, watched) or empty, f"{name} runs through {module}, no dependency"


def watched_by(name):
    dependencies = body(STAGES[name])["deps"]
    return [ROOT / d.replace("${item}", "sample") for d in dependencies if d.startswith("src/")]


def covered(path, watched):
    return any(path == one or one in path.parents for one in watched)


def composed(recipe):
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        return compose("config", [f"experiment={recipe}"])


@pytest.mark.parametrize("task", ["swap", "enhancement"])
def test_training_depends_on_the_code_of_all_it_builds(task):
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    watched = watched_by(f"train_{task}")
    for recipe in params["experiments"][task]:
        for path in code_files(composed(recipe)):
            assert covered(path, watched), path


def test_training_watches_every_section_that_decides_its_result():
    for name in ("train_swap", "train_enhancement"):
        [watched] = [list(p.values())[0] for p in body(STAGES[name])["params"]]
        assert set(watched) == set(TRAINING_SECTIONS)


@pytest.mark.parametrize("name", ["render", "evaluate_swap", "evaluate_enhancement"])
def test_a_tracked_run_is_told_apart_by_all_that_decides_its_figures(name):
    """What the stage watches is hashed as code that measures, or as code that trained."""
    recipe = "enhancement_r2unet" if name == "evaluate_enhancement" else "swap_df"
    stages = [PACKAGE / "pipelines" / f"{stage}.py" for stage in MEASURING_STAGES]
    hashed = [*(PACKAGE / part for part in MEASURING_CODE), *stages, *code_files(composed(recipe))]
    signing = [PACKAGE / "provenance"]  # after the frames are made
    for path in watched_by(name):
        for file in path.rglob("*.py") if path.is_dir() else [path]:
            assert covered(file, [*hashed, *signing]) or file.name == "__init__.py", file
    sections = [list(p.values())[0] for p in body(STAGES[name]).get("params", []) if p != "extract"]
    assert {key for keys in sections for key in keys} <= set(MEASURING_SECTIONS["swap"])
