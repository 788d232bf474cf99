import subprocess
import sys

import pytest

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
    ],
)
def test_bad_input_is_named_without_a_traceback(arguments, named, capsys):
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    assert named in error
    assert "Traceback" not in error


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


@pytest.mark.parametrize("place", [0, 1])
def test_an_option_may_stand_anywhere(place, capsys):
    arguments = ["experiment=swap_df"]
    arguments[place:place] = ["--cfg", "job"]
    assert cli.main(["train", *arguments]) == 0
