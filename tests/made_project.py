"""A small git and DVC repository with our stages, a net and a training as small as they come."""

import shutil
import subprocess
from pathlib import Path

import yaml
from tests.tiny_recipes import tiny_net

ROOT = Path(__file__).resolve().parents[1]
RECIPE = "enhancement_r2unet"
OURS = ("resolve_enhancement", "train_enhancement", "evaluate_enhancement")  # stages of dvc.yaml
GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")


class Project:
    """A folder in which commands of git and DVC are given."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment

    def __call__(self, *words):
        code, said = self.tried(*words)
        assert code == 0, said
        return said

    def tried(self, *words):
        """The exit code, and what was said."""
        done = subprocess.run(
            words, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    def outputs(self):
        """What DVC keeps, by its path."""
        experiment = self.folder / "experiments" / RECIPE
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in experiment.rglob("*")
            if path.is_file() and path.name != ".gitignore"
        }


def write_pipeline(folder, **more):
    """Our dvc.yaml's stages of a restoration, and others.

    Args:
        folder: The project's.
        more: Stages, by name.
    """
    for name in ("conf", "params.yaml"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    made = {"stages": {name: stages[name] for name in OURS} | more}
    (folder / "dvc.yaml").write_text(yaml.safe_dump(made))
    recipe = folder / f"conf/experiment/{RECIPE}.yaml"
    plain = yaml.safe_load(recipe.read_text())
    plain["trainer"] = {"max_steps": 2, "val_check_interval": 1, "log_every_n_steps": 1}
    plain["task"] = {"data_module": {"batch_size": 2}}
    plain["model"] = {
        key.removeprefix("model."): yaml.safe_load(value)
        for key, _, value in (override.partition("=") for override in tiny_net(RECIPE))
    }
    recipe.write_text("# @package _global_\n" + yaml.safe_dump(plain, sort_keys=False))
