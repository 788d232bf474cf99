"""dvc.yaml as a graph: stages name their modules, and depend on all the code they run through."""

import re
from pathlib import Path

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from facsimile.pipelines.cli import commands
from facsimile.pipelines.imports import closure, module_path, sources, targets
from facsimile.pipelines.resolve import resolved
from facsimile.pipelines.version import (
    MEASURING_SECTIONS,
    PACKAGE,
    TRAINING_SECTIONS,
    code_files,
    measuring_files,
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


# what a stage runs through; evaluate's module leads to all tasks, each stage needs its own
ENTRIES = [
    *(
        (name, f"facsimile.pipelines.{name}")
        for name in ("fetch", "inventory", "extract", "select", "split", "degrade", "baselines")
    ),
    *((name, f"facsimile.pipelines.{name}") for name in ("render", "report")),
    ("evaluate_swap", "facsimile.pipelines.swap_evaluation"),
    ("evaluate_enhancement", "facsimile.pipelines.evaluate"),
    *((name, "facsimile.pipelines.train") for name in ("train_swap", "train_enhancement")),
]
# the stages train with evaluate=false; the evaluation is a stage of its own
ELSEWHERE = {
    "train_swap": ("facsimile.pipelines.evaluate",),
    "train_enhancement": ("facsimile.pipelines.evaluate",),
    "evaluate_enhancement": (
        "facsimile.pipelines.detection_evaluation",
        "facsimile.pipelines.swap_evaluation",
        "facsimile.pipelines.trained_swap",
    ),
}


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_a_stage_depends_on_all_the_code_it_imports(name, entry):
    """Otherwise an edit of that code would leave the stage's outputs stale."""
    watched = watched_by(name)
    for module in closure([entry], ELSEWHERE.get(name, ())):
        path = module_path(module)
        empty = path.name == "__init__.py"  # a docstring only
        assert covered(path, watched) or empty, f"{name} runs through {module}, no dependency"


def watched_by(name, data="sample"):
    dependencies = [re.sub(r"\$\{item(\.data)?\}", data, d) for d in body(STAGES[name])["deps"]]
    return [ROOT / d for d in dependencies if d.startswith("src/")]


def covered(path, watched):
    return any(path == one or one in path.parents for one in watched)


def composed(recipe, *overrides):
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        return compose("config", [f"experiment={recipe}", *overrides])


@pytest.mark.parametrize("task", ["swap", "enhancement"])
def test_training_depends_on_the_code_of_all_it_builds(task):
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    watched = watched_by(f"train_{task}")
    for recipe in params["experiments"][task]:
        for path in code_files(composed(recipe)):
            assert covered(path, watched), path


@pytest.mark.parametrize(
    ("name", "section"),
    [("degrade", "degrade"), ("baselines", "baselines"), ("evaluate_enhancement", "baselines")],
)
def test_a_stage_of_the_test_sets_depends_on_the_code_of_all_it_builds(name, section):
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        cfg = compose("config")
    built = OmegaConf.to_container(cfg[section], resolve=True)
    found = sources({target.rpartition(".")[0] for target in targets(built)})
    assert len(found) > 5
    for path in found:
        assert covered(path, watched_by(name)), path


# what no recipe of params.yaml chooses; people list theirs
OTHER_PARTS = [
    *("model=liae_autoencoder", "optimizer=adabelief", "loss=swap_dfl"),
    *("+loss/term@loss.terms.patch_gan=patch_gan", "+loss/term@loss.terms.perceptual=perceptual"),
    *("+loss/term@loss.true_face=true_face", "task.data_module.colour_transfer=mkl"),
]


MASKS = [
    ["task/mask=hull", "detector=dlib"],
    ["task/mask=hull", "detector=mediapipe"],
    ["task/mask=learned"],
]


@pytest.mark.parametrize("mask", MASKS)
def test_training_a_swap_depends_on_the_code_of_all_that_can_be_chosen(mask):
    watched = watched_by("train_swap")
    for path in code_files(composed("swap_df", *OTHER_PARTS, *mask)):
        assert covered(path, watched), path


@pytest.mark.parametrize("model", ["dncnn", "nafnet", "restoration_cascade", "unet"])
def test_an_enhancement_depends_on_the_code_of_all_nets_that_can_be_chosen(model):
    built = code_files(composed("enhancement_r2unet", f"model={model}"))
    assert PACKAGE / f"models/{model}.py" in built
    for path in built:
        assert covered(path, watched_by("train_enhancement")), path
        if PACKAGE / "models" in path.parents:
            assert covered(path, watched_by("evaluate_enhancement")), path


VIDEOS = ("sample", "folder", "dfdc", "faceforensics")  # data sets that a swap can come from


@pytest.mark.parametrize("data", VIDEOS)
@pytest.mark.parametrize(("name", "own"), [("render", "render"), ("evaluate_swap", "evaluation")])
def test_a_stage_of_a_swap_depends_on_the_code_of_all_it_builds(name, own, data):
    cfg = composed("swap_df", f"data={data}", f"data.root={ROOT}")
    sections = resolved(cfg)
    built = {key: sections[key] for key in ("data", "detector", "embedder", "model", own)}
    watched = watched_by(name, data)
    found = sources({target.rpartition(".")[0] for target in targets(built)})
    assert PACKAGE / "data" / f"{data}.py" in found
    for path in found:
        assert covered(path, watched), path


@pytest.mark.parametrize("name", ["render", "evaluate_swap"])
def test_a_stage_of_a_swap_watches_every_section_that_decides_its_result(name):
    [watched] = [
        next(iter(p.values())) for p in body(STAGES[name])["params"] if isinstance(p, dict)
    ]
    decides = set(MEASURING_SECTIONS["swap"])
    assert set(watched) == decides - ({"evaluation"} if name == "render" else {"render"})


def test_training_watches_every_section_that_decides_its_result():
    for name in ("train_swap", "train_enhancement"):
        [watched] = [list(p.values())[0] for p in body(STAGES[name])["params"]]
        assert set(watched) == set(TRAINING_SECTIONS)


LISTINGS = [f"facsimile.data.{data}" for data in VIDEOS]


@pytest.mark.parametrize("name", ["render", "evaluate_swap", "evaluate_enhancement"])
def test_a_tracked_run_is_told_apart_by_all_that_decides_its_figures(name):
    """What the stage watches is hashed as code that measures, or as code that trained."""
    recipe = "enhancement_r2unet" if name == "evaluate_enhancement" else "swap_df"
    hashed = [*measuring_files(), *code_files(composed(recipe))]
    # what signs frames, prints figures, and finds the file of a clip that the tables name
    words = [
        PACKAGE / "pipelines" / f"{name}.py"
        for name in ("enhance_progress", "net_signing", "show_table", "stated")
    ]
    without_figures = [PACKAGE / "provenance", *words, *sources(LISTINGS)]
    for path in watched_by(name):
        for file in path.rglob("*.py") if path.is_dir() else [path]:
            assert covered(file, [*hashed, *without_figures]) or file.name == "__init__.py", file


# what reports/recipe_sections.py opens of a recipe
REPORTED = ("metrics.json", "plots", "train/curves.csv")
AND = {"enhancement": ("tables",)}


def test_the_report_depends_on_what_it_reads_of_every_listed_recipe_and_on_no_study():
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    read = {
        f"experiments/{name}/{file}"
        for task, recipes in params["experiments"].items()
        for name in recipes
        for file in (*REPORTED, *AND.get(task, ()))
    }
    deps = [dep for dep in STAGES["report"]["deps"] if dep.startswith("experiments")]
    assert sorted(deps) == sorted(read)
