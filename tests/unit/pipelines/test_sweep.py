import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from facsimile.errors import UserError
from facsimile.pipelines.sweep import check_files, sweep_folder


def check(*overrides):
    check_files(OverridesParser.create().parse_overrides([*overrides]))


@pytest.mark.parametrize(
    "overrides",
    [
        ["seed=1,2", "output=a.mp4"],
        ["seed=range(1,4)", "output='a.json'"],
        ["render=default,wide", "output=o/a.mp4", "input=b.mp4"],
        ["seed=1,2", "render.crf=3,4", "output='a-${seed}.mp4'"],
        ["seed=1,2", "output='a.mp4','b.mp4'"],
        ["output='a.mp4','a.mp4'"],
        ["seed=1,2", "output=folder", "render.preview=p.png"],
    ],
)
def test_one_file_for_several_jobs_is_refused(overrides):
    with pytest.raises(UserError, match="all jobs of the sweep would write that one file"):
        check(*overrides)


@pytest.mark.parametrize(
    "overrides",
    [
        ["seed=1,2", "output=folder"],
        ["output=a.mp4", "seed=1"],
        ["output='a.mp4','b.mp4'"],
        ["seed=1,2", "output='a-${seed}.mp4'"],
        ["seed=1,2", "output='a-${hydra:job.num}.mp4'"],
        ["render=default,wide", "output='a-${hydra:runtime.choices.render}.mp4'"],
        ["seed=1,2", "output='a-${seed}.mp4','b-${seed}.mp4'"],
        ["seed=1,2", "output=null"],
        ["seed=1,2"],
    ],
)
def test_a_file_for_each_job_passes(overrides):
    check(*overrides)


def test_it_is_said_what_to_write():
    with pytest.raises(UserError) as caught:
        check("seed=1,2", "render.crf=3,4", "output=out/a.mp4")
    assert "'out/a-${render.crf}-${seed}.mp4'" in str(caught.value)


def test_a_sweep_lies_beside_its_file_or_in_its_folder():
    assert sweep_folder("out/a.json", "root", "noon") == "out/multirun/noon"
    assert sweep_folder(None, "root", "noon") == "root/multirun/noon"
    assert sweep_folder("out", "root", "noon") == "out"
