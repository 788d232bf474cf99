import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hydra.errors import InstantiationException
from pytorch_lightning.utilities.exceptions import SIGTERMException

from facsimile.pipelines import cli


def test_help_names_every_command_with_a_line_each(capsys):
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    for name, line in cli.commands().items():
        assert name in out
        assert line and line in out


def test_help_is_quick_and_imports_no_torch():
    code = (
        "import sys; from facsimile.pipelines.cli import main; main(['--help']);"
        "sys.exit(any(m in sys.modules for m in ('torch', 'hydra', 'cv2', 'mlflow')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("command", ["fetch", "extract", "select", "split", "resolve"])
def test_data_commands_compose_without_torch(command):
    code = (
        "import sys, importlib;"
        f"importlib.import_module('facsimile.pipelines.{command}');"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_train_help_shows_the_config_groups(capsys):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["train", "--help"])
    assert not exit_info.value.code
    out = capsys.readouterr().out
    assert "experiment: " in out
    assert "swap_df" in out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["trian"], "train"),
        (["extract", "no_such_key=1"], "no_such_key"),
        (["extract", "data=no_such_set"], "no_such_set"),
        (["extract", "input=/no/such/clip.mp4", "output=/no/where"], "/no/such/clip.mp4"),
        (["extract", "detector.score_threshold=2"], "score_threshold"),
        (["extract", "params.extract.image_size=big"], "image_size"),
        (["train"], "experiment=NAME"),
        (["train", "experiment=no_such_recipe"], "no_such_recipe"),
        (["train", "experiment=swap_df", "trainer.max_steps=-3"], "trainer.max_steps"),
        (["train", "experiment=swap_df", "optimizer.lr=fast"], "lr"),
        (["train", "experiment=swap_df", "trainer.max_stepz=3"], "max_stepz"),
        (["train", "experiment=swap_df", "trainer.max_steps"], "max_steps"),
        (["train", "experiment=swap_df", "optimizer.lr=-1"], "optimizer.lr=-1"),
        (["train", "experiment=swap_df", "evaluate=maybe"], "evaluate=maybe"),
        (["train", "experiment=swap_df", "scheduler=null"], "scheduler=null"),
        (["train", "experiment=swap_df", "metrics=null"], "metrics=null"),
        (["train", "experiment=enhancement_r2unet", "degradation=null"], "degradation=null"),
        (["train", "experiment=swap_df", "-m", "loss=null,swap"], "loss=null,swap"),
        (["train", "-m", "--cfg", "job"], "--cfg"),
        (["train", "experiment=swap_df", "trainer.devices=99"], "trainer.devices=99"),
        (["resolve", "experiment=swap_df", "output=/proc/x"], "/proc/x"),
        (["extrakt"], "did you mean `extract`?"),
        (["verify", "franck.mp4"], "did you mean input=franck.mp4?"),
        (["verify"], "facsimile verify input="),
        (["train", "--experiment", "X"], "did you mean experiment=X?"),
        (["train", "experiment=swap_df", "trainer.max_step=3"], "did you mean trainer.max_steps=3"),
        (["extract", "data.dataset._target_=os.system"], "not for the command line"),
        (["render", "data.consent=all agreed"], "consent="),
        (["render", "-m", "seed=1,2", "input=a.mp4", "output=b.mp4"], "'b-${seed}.mp4'"),
    ],
)
def test_bad_input_is_named_in_one_line_without_a_traceback(arguments, named, capsys, monkeypatch):
    monkeypatch.setattr("facsimile.pipelines.devices.usable_cores", lambda: 2)
    monkeypatch.setattr("torch.accelerator.is_available", lambda: False)
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    [line] = [line for line in error.splitlines() if line.startswith("facsimile: ")]
    assert error.endswith(f"{line}\n")
    assert named in line
    assert "Traceback" not in error


def raising(error, cause=None):
    def run(cfg):
        raise error from cause

    return run


class MisconfigurationException(Exception):
    """Named like Lightning's."""


REFUSAL = InstantiationException("Error in call to target 'Trainer':\nfull_key: trainer")


@pytest.mark.parametrize(
    ("run", "named"),
    [
        (raising(REFUSAL, ValueError("no such precision")), "trainer cannot be built: no such"),
        (raising(REFUSAL, TypeError("an int > 0")), "trainer cannot be built: an int"),
        (raising(REFUSAL, RuntimeError("negative dimension")), "trainer cannot be built: negative"),
        (raising(REFUSAL, MisconfigurationException("no gpu")), "trainer cannot be built: no gpu"),
        (
            raising(REFUSAL, FileNotFoundError(2, "No such file", "/no/net.onnx")),
            "/no/net.onnx: No",
        ),
        (raising(MisconfigurationException("no gpu")), "no gpu"),
        (
            raising(PermissionError(13, "Permission denied", "/proc/x")),
            "/proc/x: Permission denied",
        ),
    ],
)
def test_a_refusal_is_told_in_one_line(run, named, monkeypatch, capsys):
    from facsimile.pipelines import resolve

    monkeypatch.setattr(resolve, "run", run)
    assert cli.main(["resolve", "experiment=swap_df"]) == 2
    assert f"facsimile: {named}" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("run", "kind"),
    [
        (raising(AttributeError("ours")), AttributeError),
        (raising(ValueError("ours")), ValueError),
        (raising(OSError("without a file")), OSError),
        (raising(REFUSAL, AttributeError("ours")), InstantiationException),
    ],
)
def test_what_is_not_about_a_value_or_file_keeps_its_traceback(run, kind, monkeypatch):
    from facsimile.pipelines import resolve

    monkeypatch.setattr(resolve, "run", run)
    with pytest.raises(kind):
        cli.main(["resolve", "experiment=swap_df"])


def test_the_command_runs_with_the_arguments_of_the_process(monkeypatch):
    """Lightning starts its other processes with them."""
    from facsimile.pipelines import resolve

    given, seen = ["/bin/facsimile", "resolve", "experiment=swap_df"], []
    monkeypatch.setattr(resolve, "run", lambda cfg: seen.append(list(sys.argv)))
    monkeypatch.setattr(sys, "argv", given)
    assert cli.main() == 0
    assert seen == [given]
    assert sys.argv is given


def test_another_checkout_uses_its_own_configuration(tmp_path):
    shutil.copytree(cli.ROOT / "conf", tmp_path / "conf")  # params.yaml becomes a plain file
    config = tmp_path / "conf/model/df_autoencoder.yaml"
    config.write_text(config.read_text().replace("encoder_dim: 24", "encoder_dim: 26"))
    assert "encoder_dim: 26" in composed_in(tmp_path)
    assert "encoder_dim: 24" in composed_in(Path(tmp_path, "conf"))  # no checkout


def composed_in(folder):
    code = "import sys; from facsimile.pipelines.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["train", "experiment=swap_df", "--cfg", "job", "--package", "model"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("FACSIMILE_")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env=clean, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def test_a_bug_keeps_its_traceback(monkeypatch):
    from facsimile.pipelines import resolve

    monkeypatch.setattr(resolve, "run", lambda cfg: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cli.main(["resolve", "experiment=swap_df"])


def test_unknown_command_suggests_the_nearest(capsys):
    cli.main(["evalute"])
    assert "evaluate" in capsys.readouterr().err


def test_cfg_job_prints_the_composed_config(capsys):
    assert cli.main(["train", "experiment=swap_df", "--cfg", "job"]) == 0
    assert "max_steps" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Müller, zwei (1).mp4", 'a "b" c.mp4', "x=y.mp4"])
def test_a_path_is_taken_as_it_is(name, capsys, tmp_path):
    assert cli.main(["extract", f"input={tmp_path}/{name}", f"output={tmp_path}/out"]) == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_option_may_stand_anywhere(place, capsys):
    arguments = ["experiment=swap_df", "seed=2"]
    arguments[place:place] = ["--cfg", "job"]
    assert cli.main(["train", *arguments]) == 0


def ctrl_c():
    raise KeyboardInterrupt


def ctrl_c_in_a_training():
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        sys.exit(1)


def sigterm_in_a_training():
    raise SIGTERMException


@pytest.mark.parametrize(
    ("end", "code"), [(ctrl_c, 130), (ctrl_c_in_a_training, 130), (sigterm_in_a_training, 143)]
)
def test_what_was_stopped_says_so_and_did_not_succeed(end, code, monkeypatch, capsys):
    monkeypatch.setattr(cli, "_compose_and_run", lambda *_: end())
    assert cli.main(["train"]) == code
    assert "goes on from here" in capsys.readouterr().err


def test_a_commands_own_exit_code_stays(monkeypatch):
    monkeypatch.setattr(cli, "_compose_and_run", lambda *_: sys.exit(3))
    with pytest.raises(SystemExit) as ended:
        cli.main(["verify"])
    assert ended.value.code == 3
