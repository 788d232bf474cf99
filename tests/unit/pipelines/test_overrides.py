import pytest

from facsimile.errors import UserError
from facsimile.pipelines.cli import ROOT
from facsimile.pipelines.overrides import arranged, choices, groups

CONF = ROOT / "conf"


def refused(*arguments):
    with pytest.raises(UserError) as caught:
        arranged(arguments, CONF)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_options_come_first_and_paths_in_quotes():
    given = ["experiment=swap_df", "input=/a b/c,d.mp4", "-m", "seed=1,2", "~loss"]
    assert arranged(given, CONF) == [
        "-m",
        "experiment=swap_df",
        'input="/a b/c,d.mp4"',
        "seed=1,2",
        "~loss",
    ]


def test_decisions_by_hand_are_given_on_the_command_line():
    assert arranged(["data.decisions=by hand, 1.csv"], CONF) == ['data.decisions="by hand, 1.csv"']


@pytest.mark.parametrize(
    "option", [["--cfg", "job"], ["-c", "job"], ["--info", "all"], ["-m"], ["-h"]]
)
def test_what_is_hydras_stays(option):
    assert sorted(arranged([*option, "seed=3"], CONF)) == sorted([*option, "seed=3"])


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["franck.mp4"], "did you mean input=franck.mp4?"),
        (["a/b"], "did you mean input=a/b?"),
        (["net.ckpt"], "did you mean checkpoint=net.ckpt?"),
        (["swap_df"], "did you mean experiment=swap_df?"),
        (["dfdc", "seed=2"], "did you mean data=dfdc?"),
        (["trainer.max_steps"], "did you mean trainer.max_steps=VALUE?"),
        (["seed=2", "5"], "`5` is not KEY=VALUE: a value with spaces goes into quotes"),
        (["--experiment", "X"], "did you mean experiment=X?"),
        (["--experiment=X"], "did you mean experiment=X?"),
        (["seed=2", "--data", "dfdc"], "did you mean data=dfdc?"),
        (["--input", "seed=2"], "did you mean input=VALUE?"),
        (["--trainer.max_steps=3"], "did you mean trainer.max_steps=3?"),
        (["--multirn"], "did you mean --multirun?"),
        (["--cfg"], "--cfg/-c: expected one argument"),
        (["--cfg", "jobs"], "invalid choice: 'jobs'"),
        (
            ["loss=null"],
            "loss=null: leave it out, or choose one of detection, enhancement, mse, swap",
        ),
    ],
)
def test_what_was_probably_meant_is_said(arguments, meant):
    assert meant in refused(*arguments)


def test_a_file_that_is_there_is_an_input_whatever_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip").write_bytes(b"")
    assert "input=clip" in refused("clip")


@pytest.mark.parametrize(
    "override",
    [
        "data.dataset._target_=os.system",
        "+data.dataset._target_=os.system",
        "++model._target_=os.system",
        "~data.dataset._target_",
        "+data.dataset={_target_:os.getcwd}",
        "+a.b={c:{_target_:os.getcwd}}",
        "callbacks.ema=[1,{_target_:x}]",
        "model={_target_:a},{_target_:b}",
        "model=choice({_target_:a},2)",
        "hydra.callbacks.more={_target_:x}",
        "hydra.launcher._target_=x",
    ],
)
def test_which_code_is_built_is_not_for_the_command_line(override):
    assert "which code is built is not for the command line" in refused(override)


@pytest.mark.parametrize(
    "override",
    [
        "data.consent=all agreed",
        "data.licence=MIT",
        "data.source=me",
        "++data.citation=x",
        "~data.consent",
        "+data={consent:x}",
        "data.sources.franck.consent=x",
        "data.consent=a,b",
    ],
)
def test_what_a_data_set_says_of_itself_stands_in_its_file(override):
    assert "what a data set says of itself stands in its file" in refused(override)


@pytest.mark.parametrize(
    "override",
    [
        "data.dataset=${other.dataset}",
        "data.dataset={root:x}",
        "+detector@data.dataset=yunet",
        "+data@data=folder",
    ],
)
def test_one_data_sets_listing_is_not_put_under_anothers_words(override):
    assert "choose a data set whole" in refused(override)


@pytest.mark.parametrize(
    "override", ["model='${oc.create:x}'", "model='${oc.decode:${oc.env:X}}'", "a='${${b}:x}'"]
)
def test_no_section_is_made_out_of_words(override):
    assert "on the command line there is ${KEY}" in refused(override)


@pytest.mark.parametrize(
    "override",
    [
        "input=/my_target_/clip.mp4",
        'consent="the _target_ agreed"',
        "paths.root=/my_target_/x",
        "data.root=/x",
        "data=folder",
        "data.dataset.root=/x",
        "data@other=folder",
        "task.data_module.seed='${seed}'",
        "output='out-${hydra:job.num}-${now:%Y}-${oc.env:HOME,x}.mp4'",
        "data.frames=null",
    ],
)
def test_what_is_honest_passes(override):
    assert len(arranged([override], CONF)) == 1


def test_several_data_sets_of_a_sweep_pass():
    assert arranged(["-m", "data=sample,dfdc"], CONF) == ["-m", "data=sample,dfdc"]


@pytest.mark.parametrize("start", [["-m"], ["--multirun"], ["hydra.mode=MULTIRUN"]])
def test_jobs_of_a_sweep_do_not_write_one_file(start):
    assert "all jobs" in refused(*start, "seed=1,2", "output=a.mp4")
    assert "'a-${seed}.mp4'" in refused(*start, "seed=1,2", "output=a.mp4")
    assert arranged(["output=a.mp4", "seed=3"], CONF)


def test_what_this_machine_adds_can_be_chosen_too(tmp_path):
    for name in ("data/sample", "experiment/a", "local/data/mine", "zoo/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.yaml").write_text("")
    assert choices("data", tmp_path) == ["mine", "sample"]
    assert groups(tmp_path) == ["experiment", "data", "zoo"]
