"""The training command, on faces of noise: what it leaves, how it resumes, how it sweeps."""

import shutil

import pandas as pd
import pytest
import torch
import yaml
from tests.tiny_recipes import RECIPES, tiny_net, training

from facsimile.callbacks.rollback import Rollback
from facsimile.pipelines import evaluate
from facsimile.pipelines.cli import main
from facsimile.tracking import PARENT, Tracker

pytestmark = pytest.mark.usefixtures("in_project")
# what has a trainer, a net or a way of drawing of its own: each goes on as if nothing had happened
RESUMED = {
    "enhancement_r2unet": ["trainer.accumulate_grad_batches=2"],
    "swap_df": [
        "task.data_module.colour_transfer=rct", "+loss/term@loss.true_face=true_face",
        "loss.true_face.discriminator.width=4", "trainer.accumulate_grad_batches=2",
        "optimizer.lr_dropout=0.3", "trainer.gradient_clip_val=1.0",
    ],
    "swap_liae_ud128": [
        "task.data_module.augmentation.scale=0.15", "trainer.accumulate_grad_batches=3",
    ],
}  # fmt: skip
# a validation saves at 15; averaged at 1, 9, 17 and 25: between save and kill, and after
EVERY, SAVED, KILLED, STEPS = 8, 16, 20, 30


@pytest.fixture(scope="module")
def root(root, models_root):
    (root / "data/models").symlink_to(models_root)
    return root


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Nets as small as these would only wait for each other's threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def runs_of(root, **tags):
    tracker = Tracker(f"sqlite:///{root}/mlflow.db")
    query = " and ".join(f"tags.`{key}` = '{value}'" for key, value in tags.items())
    return tracker.client.search_runs([tracker.experiment_id], query), tracker


def run_of(root, output):
    """The run of the training that wrote to this folder."""
    version = yaml.safe_load((output / "train/version.yaml").read_text())
    [run], tracker = runs_of(root, **{"version.config": version["config"]})
    return run, {file.path for file in tracker.client.list_artifacts(run.info.run_id)}


def test_what_the_pipeline_leaves_of_an_earlier_training_is_replaced(root):
    output = root / "again"
    command = [*training(root, "swap_df"), f"output={output}", "evaluate=false"]
    command.append("callbacks.preview.every=1")
    assert main(command) == 0
    previews = {"step_000001.png", "step_000002.png", "time_lapse.mp4"}
    assert {path.name for path in (output / "train/previews").iterdir()} == previews
    for made in ("train/version.yaml", "train/curves.csv", "checkpoint.ckpt"):
        (output / made).unlink()
    shutil.rmtree(output / "train/previews")
    assert main(command) == 0
    assert (output / "checkpoint.ckpt").is_file()


# each has a net or a task of its own; the others are larger, or are trained otherwise
QUICK = ("detection_frequency", "enhancement_r2unet", "enhancement_small", "swap_df")


@pytest.mark.parametrize(
    "recipe",
    [one if one in QUICK else pytest.param(one, marks=pytest.mark.long) for one in RECIPES],
)
def test_every_recipe_trains_to_its_metrics(recipe, root):
    output = root / "by_hand" / recipe
    assert main([*training(root, recipe), f"output={output}"]) == 0
    assert {path.name for path in output.iterdir()} >= {"checkpoint.ckpt", "metrics.json"}
    assert not list(output.parent.glob(".*"))  # nothing is left to resume
    curves = pd.read_csv(output / "train/curves.csv")
    assert list(curves["step"]) == [1, 2]
    assert curves["train/loss"].notna().all() and curves["val/loss"].notna().all()
    config = yaml.safe_load((output / "config.yaml").read_text())
    assert config["name"] == recipe and config["trainer"]["max_steps"] == 2
    run, artifacts = run_of(root, output)
    assert run.info.status == "FINISHED"
    assert any(key.startswith("test/") for key in run.data.metrics)
    assert artifacts >= {"config.yaml", "metrics.json", "checkpoint.ckpt", "train", "tables"}


def test_the_stages_config_is_left_alone(root):
    arguments = [*training(root, "enhancement_r2unet", steps=2), "evaluate=false"]
    config = root / "experiments/enhancement_r2unet/config.yaml"
    assert main(["resolve", *arguments[1:]]) == 0
    before = config.stat()
    assert main(arguments) == 0
    assert (config.stat().st_ino, config.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert "max_steps: 2" in config.read_text()


def test_an_evaluation_is_recorded_only_as_what_it_is(root, capsys):
    trained = [*training(root, "enhancement_r2unet", "seed=4"), f"output={root}/first"]
    assert main([*trained, "evaluate=false"]) == 0
    run, _ = run_of(root, root / "first")
    assert not any(key.startswith("test/") for key in run.data.metrics)
    checkpoint = f"checkpoint={root}/first/checkpoint.ckpt"
    evaluate = ["evaluate", *trained[1:-1], f"output={root}/second", checkpoint]
    assert main([*evaluate, "optimizer.lr=1e-5"]) == 0
    assert "not recorded in MLflow" in capsys.readouterr().out
    assert run_of(root, root / "first")[0].data.to_dictionary() == run.data.to_dictionary()
    assert main(evaluate) == 0
    assert "not recorded" not in capsys.readouterr().out
    assert "test/noise/psnr" in run_of(root, root / "first")[0].data.metrics


class PowerCut(Exception):
    """Neither a mistake of the user nor a signal."""


@pytest.mark.parametrize(
    "recipe",
    [
        "swap_df",
        *(pytest.param(one, marks=pytest.mark.long) for one in RESUMED if one != "swap_df"),
    ],
)
def test_a_resumed_training_ends_as_an_undisturbed_one(recipe, root, monkeypatch):
    save = f"callbacks.resume.every_n_train_steps={EVERY}"
    chosen = [save, "seed=2", "evaluate=false", *RESUMED[recipe]]
    arguments = training(root, recipe, *chosen, steps=STEPS)
    arguments += ["trainer.log_every_n_steps=5"]
    whole, parted = root / "whole" / recipe, root / "parted" / recipe
    assert main([*arguments, f"output={whole}"]) == 0
    with monkeypatch.context() as patched:
        patched.setattr(Rollback, "on_train_batch_end", cut_the_power)
        with pytest.raises(PowerCut):
            main([*arguments, f"output={parted}"])
    assert not (parted / "checkpoint.ckpt").exists()
    [saved] = parted.parent.glob(f".{recipe}.*/resume.ckpt")
    assert torch.load(saved, weights_only=True)["global_step"] == SAVED
    assert run_of(root, whole)[0].info.status == "FAILED"  # the same version, so the same run
    batches = []

    def note(self, trainer, module, outputs, batch, batch_idx):
        batches.append((batch_idx, trainer.accumulate_grad_batches))

    monkeypatch.setattr(Rollback, "on_train_batch_end", note)
    assert main([*arguments, f"output={parted}"]) == 0
    each = batches[0][1]
    assert batches == [(n, each) for n in range(SAVED * each, STEPS * each)]
    assert run_of(root, whole)[0].info.status == "FINISHED"
    assert_same_weights(whole, parted)
    # zipped, but not compressed
    assert str(root).encode() not in (parted / "checkpoint.ckpt").read_bytes()
    curves = [(folder / "train/curves.csv").read_text() for folder in (whole, parted)]
    assert curves[0] == curves[1]


def test_a_training_killed_in_its_evaluation_does_not_start_again(root, monkeypatch):
    save = "callbacks.resume.every_n_train_steps=2"
    output = root / "measured"
    arguments = [*training(root, "enhancement_r2unet", save, "seed=7"), f"output={output}"]
    seen = []

    def killed(cfg):
        [run_id] = (run.info.run_id for run in runs_of(root)[0] if run.info.status == "RUNNING")
        seen.append(run_id)
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(evaluate, "run", killed)
        with pytest.raises(PowerCut):
            main(arguments)
    note = lambda self, trainer, *_: seen.append(trainer.global_step)  # noqa: E731
    monkeypatch.setattr(Rollback, "on_train_batch_end", note)
    assert main(arguments) == 0
    assert len(seen) == 1  # the run was still said to go on, and no step was trained twice
    run, _ = run_of(root, output)
    assert run.info.run_id == seen[0] and "test/noise/psnr" in run.data.metrics
    assert len(pd.read_csv(output / "train/curves.csv")) == 2


def cut_the_power(self, trainer, *_):
    if trainer.global_step == KILLED:
        raise PowerCut


def assert_same_weights(*folders):
    states = [
        torch.load(folder / "checkpoint.ckpt", weights_only=True)["state_dict"]
        for folder in folders
    ]
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(value, states[1][key]) for key, value in states[0].items())


def sweep(root, name, *overrides):
    arguments = training(root, "enhancement_r2unet", "-m", f"output={root}/{name}", steps=2)
    code = main([*arguments, f"hydra.sweep.dir={root}/{name}", *overrides])
    [parent] = [run for run in runs_of(root)[0] if run.data.tags.get("job.0") and not
                run.data.tags.get("seen")]  # fmt: skip
    tracker = Tracker(f"sqlite:///{root}/mlflow.db")
    tracker.tag(parent.info.run_id, {"seen": "yes"})
    return code, parent, runs_of(root, **{PARENT: parent.info.run_id})[0]


@pytest.mark.long
def test_a_sweep_is_one_parent_with_a_finished_child_each(root):
    code, parent, children = sweep(root, "steps", "model.steps=1,2,3")
    assert code == 0 and parent.info.status == "FINISHED"
    assert {child.data.params["model.steps"] for child in children} == {"1", "2", "3"}
    assert all(child.info.status == "FINISHED" for child in children)
    assert all("test/noise/psnr" in child.data.metrics for child in children)
    for job, steps in enumerate((1, 2, 3)):
        config = yaml.safe_load((root / "steps" / str(job) / "config.yaml").read_text())
        assert config["model"]["steps"] == steps


def test_a_sweep_with_a_failed_job_has_failed(root, capsys):
    code, parent, children = sweep(root, "failing", "optimizer.lr=1e-3,fast", "seed=3")
    assert code == 2 and "lr" in capsys.readouterr().err
    assert parent.info.status == "FAILED"
    ended = {child.info.status: child.data.tags.get("error", "") for child in children}
    assert ended == {"FINISHED": "", "FAILED": ended["FAILED"]} and "lr" in ended["FAILED"]


@pytest.mark.parametrize(
    ("recipe", "override", "named"),
    [
        ("enhancement_r2unet", "~degradation", "degradation="),
        ("enhancement_r2unet", "~metrics", "metrics="),
        ("swap_df", "~scheduler", "scheduler="),
        ("swap_df", "~callbacks", "callbacks.history="),
    ],
)
def test_what_is_missing_is_named(recipe, override, named, root, capsys):
    assert main(["train", f"experiment={recipe}", f"paths.root={root}", override]) == 2
    error = capsys.readouterr().err
    assert f"set {named}" in error and "Traceback" not in error


def test_a_setting_that_is_in_the_way_is_told_and_left_out_as_told(root, capsys):
    chosen = ("scheduler=constant", "optimizer=adabelief", "evaluate=false")
    command = [*training(root, "swap_df", *chosen), f"output={root}/constant"]
    assert main(command) == 2
    told = capsys.readouterr().err.strip()
    assert "ConstantLR takes no pct_start" in told
    assert main([*command, told.rpartition(" ")[2]]) == 0


def test_the_groups_that_the_message_names_are_enough(root, capsys):
    assert main(["train", f"paths.root={root}", "task=enhancement"]) == 2
    named = capsys.readouterr().err.rpartition("set ")[2].strip().split(", ")
    choices = {"model": "r2unet", "degradation": "paper", "optimizer": "adamw"}
    choices |= {"scheduler": "one_cycle", "loss": "enhancement", "metrics": "enhancement"}
    groups = [name + choices[name.removesuffix("=")] for name in named]
    tiny = tiny_net("enhancement_r2unet")
    arguments = ["train", f"paths.root={root}", "task=enhancement", *groups, *tiny]
    assert main([*arguments, "trainer.max_steps=1"]) == 2
    assert "name=" in capsys.readouterr().err
    assert main([*arguments, "trainer.max_steps=1", "name=mine", "evaluate=false"]) == 0
    assert (root / "experiments/mine/checkpoint.ckpt").is_file()
