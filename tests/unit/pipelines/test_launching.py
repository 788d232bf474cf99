import pytest

from facsimile.errors import UserError
from facsimile.pipelines.jobs import DONE, FAILED, Job, read_job, read_jobs
from facsimile.pipelines.launching import launch, launch_others

JOBS = {number: [f"seed={number}"] for number in (0, 1, 2, 5)}


class Launcher:
    """Does jobs like Hydra's; a process that dies takes the rest of its batch along."""

    def __init__(self, folder, **deaths):
        self.folder, self.deaths, self.batches = folder, deaths, []

    def launch(self, job_overrides, initial_job_idx):
        self.batches.append((initial_job_idx, [*job_overrides]))
        for number, overrides in enumerate(job_overrides, initial_job_idx):
            if self.deaths.get(overrides[0][5:], 0):
                self.deaths[overrides[0][5:]] -= 1
                Job(number, overrides, run=f"r{number}").write(self.folder)
                raise MemoryError("the process was killed")
            Job(number, overrides, state=DONE).write(self.folder)


def test_jobs_go_to_the_launcher_in_rows_of_consecutive_numbers(tmp_path):
    launcher = Launcher(tmp_path)
    launch(launcher, tmp_path, JOBS)
    assert launcher.batches == [(0, [["seed=0"], ["seed=1"], ["seed=2"]]), (5, [["seed=5"]])]


def test_who_was_taken_along_is_done_again_and_who_dies_twice_has_failed(tmp_path, capsys):
    Job(1, state=DONE).write(tmp_path)  # of an earlier sweep in this folder
    launch(Launcher(tmp_path, **{"1": 2}), tmp_path, JOBS)
    states = {job.number: job.state for job in read_jobs(tmp_path)}
    assert states == {0: DONE, 1: FAILED, 2: DONE, 5: DONE}
    died = read_job(tmp_path, 1)
    assert "died twice" in died.reason and died.run == "r1"
    launch(Launcher(tmp_path, **{"2": 1}), tmp_path, JOBS)
    assert {job.state for job in read_jobs(tmp_path)} == {DONE}
    assert (
        "job 2: its process died (MemoryError: the process was killed)" in capsys.readouterr().out
    )


def test_what_had_not_begun_is_launched_together(tmp_path):
    launcher = Launcher(tmp_path, **{"0": 1})
    launch(launcher, tmp_path, JOBS)
    assert launcher.batches[1:] == [
        (0, [["seed=0"]]),
        (1, [["seed=1"], ["seed=2"]]),
        (5, [["seed=5"]]),
    ]
    assert {job.state for job in read_jobs(tmp_path)} == {DONE}


def test_a_job_that_leaves_no_word_has_failed(tmp_path):
    """As on a machine that has another folder at this place."""

    class Elsewhere(Launcher):
        def launch(self, job_overrides, initial_job_idx):
            if initial_job_idx == 0:
                super().launch(job_overrides, initial_job_idx)

    launch(Elsewhere(tmp_path), tmp_path, JOBS)
    assert [job.state for job in read_jobs(tmp_path)] == [DONE, DONE, DONE, FAILED]
    assert "this very folder" in read_job(tmp_path, 5).reason


def test_a_process_that_dies_before_it_begins_is_done_alone(tmp_path):
    class Silent(Launcher):
        def launch(self, job_overrides, initial_job_idx):
            if initial_job_idx == 5 and len(self.batches) < 2:
                self.batches.append(None)
                raise MemoryError("as it was imported")
            super().launch(job_overrides, initial_job_idx)

    launcher = Silent(tmp_path)
    launch(launcher, tmp_path, JOBS)
    assert launcher.batches[-1] == (5, [["seed=5"]]) and len(read_jobs(tmp_path)) == 4


def test_a_launcher_that_begins_nothing_is_told(tmp_path):
    class Broken(Launcher):
        def launch(self, job_overrides, initial_job_idx):
            raise MemoryError("no room")

    with pytest.raises(UserError, match="does not begin the jobs: MemoryError"):
        launch(Broken(tmp_path), tmp_path, {0: ["seed=0"]})


def test_an_interruption_is_passed_on(tmp_path):
    class Interrupted(Launcher):
        def launch(self, job_overrides, initial_job_idx):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        launch(Interrupted(tmp_path), tmp_path, JOBS)


def test_other_commands_are_broken_off_in_words(tmp_path):
    with pytest.raises(UserError, match="the process was killed"):
        launch_others(Launcher(tmp_path, **{"0": 1}), JOBS)
