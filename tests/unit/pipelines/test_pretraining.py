"""Pretraining on everybody's faces, and going on from it with a pair."""

import pytest
import torch
from hydra import compose, initialize_config_dir
from tests.tiny_recipes import CONF, add_crowd, training

from facsimile.callbacks.rollback import Rollback
from facsimile.media.files import sha256
from facsimile.pipelines.cli import main
from facsimile.pipelines.starting_net import StartingNet
from facsimile.pipelines.version import training_version

pytestmark = pytest.mark.usefixtures("in_project")
RECIPE = "swap_df"
ONE = ["trainer.val_check_interval=2", "seed=5"]


@pytest.fixture(scope="module")
def root(root, models_root):
    add_crowd(root / "data")
    (root / "data/models").symlink_to(models_root)
    return root


@pytest.fixture(scope="module")
def pretrained(root):
    """A checkpoint of a step on everybody."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root}/mlflow.db")
        patched.chdir(root)
        chosen = [*ONE, "task.data_module.pretrain=true", f"output={root}/everybody"]
        assert main(training(root, RECIPE, *chosen)) == 0
    return root / "everybody/checkpoint.ckpt"


def meta(path):
    return torch.load(path, weights_only=True)["facsimile"]


def test_everybody_is_named_and_no_pair(pretrained):
    told = meta(pretrained)
    assert told["pretrain"] and told["subjects"] == {}
    assert told["training_data"] == ["sample/ann", "sample/cap", "sample/franck"]
    assert not (pretrained.parent / "metrics.json").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["render", "input={root}/a.mp4", "output={root}/b.mp4", "consent=mine"],
        ["export", "format=dfm", "output={root}/b.dfm", "direction=A_to_B"],
        ["evaluate", "output={root}/measured"],
    ],
)
def test_what_shows_a_face_refuses_it(command, pretrained, root, capsys):
    (root / "a.mp4").touch()
    arguments = [one.format(root=root) for one in command]
    assert main([*arguments, f"checkpoint={pretrained}", f"paths.root={root}"]) == 2
    error = capsys.readouterr().err
    assert f"init={pretrained}" in error and "Traceback" not in error


class PowerCut(Exception):
    """Neither a mistake of the user nor a signal."""


def test_a_pair_starts_from_it_once_and_tells_so(pretrained, root, monkeypatch):
    chosen = [*ONE, f"init={pretrained}", "evaluate=false", f"output={root}/pair"]
    arguments = training(root, RECIPE, "callbacks.resume.every_n_train_steps=1", *chosen, steps=4)
    starts, give = [], StartingNet.give_to

    def noted(self, net):
        starts.append(self.path)
        give(self, net)

    def cut_the_power(self, trainer, *_):
        if trainer.global_step == 2:
            raise PowerCut

    monkeypatch.setattr(StartingNet, "give_to", noted)
    with monkeypatch.context() as patched:
        patched.setattr(Rollback, "on_train_batch_end", cut_the_power)
        with pytest.raises(PowerCut):
            main(arguments)
    assert main(arguments) == 0
    assert starts == [pretrained]
    told = meta(root / "pair/checkpoint.ckpt")
    assert told["subjects"] == {"src": "franck", "dst": "cap"} and not told["pretrain"]
    assert told["init"]["sha256"] == sha256(pretrained)
    assert told["training_data"] == ["sample/franck", "sample/cap", "sample/ann"]


def test_another_start_is_another_version(pretrained, root):
    def version(*overrides):
        with initialize_config_dir(str(CONF), version_base="1.3"):
            cfg = compose("config", [f"experiment={RECIPE}", f"paths.root={root}", *overrides])
        return training_version(cfg)

    moved = root / "moved.ckpt"
    moved.write_bytes(pretrained.read_bytes())
    anew, one = version(), version(f"init={pretrained}")
    assert anew != one == version(f"init={moved}")
    assert one != version(f"init={pretrained}", "renew=[]")
