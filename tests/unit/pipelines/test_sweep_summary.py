import json

from facsimile.pipelines.jobs import DONE, FAILED, PRUNED, Job
from facsimile.pipelines.objectives import Objective
from facsimile.pipelines.sweep_summary import best_trials, sweep_rows, sweep_table

BOTH = [Objective("psnr"), Objective("seconds", "minimize")]


def jobs(tmp_path):
    values = [(30.0, 5.0), (31.0, 9.0), (29.0, 6.0), (31.0, 8.0)]
    made = []
    for number, (psnr, seconds) in enumerate(values):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "metrics.json").write_text(json.dumps({"psnr": psnr, "seconds": seconds}))
        overrides = [
            "experiment=x",
            f"lr={number}e-3",
            f"output={number}",
            f"+sweep.trials={number}",
        ]
        made.append(Job(number, overrides, str(folder), DONE, run=f"r{number}"))
    made.append(Job(4, ["experiment=x", "lr=4e-3", "~extra"], None, FAILED, "it | broke"))
    return [*made, Job(5, ["experiment=x", "lr=5e-3"], None, PRUNED, "at step 5")]


def test_a_row_tells_what_differs_and_what_came_of_it(tmp_path):
    rows = sweep_rows(jobs(tmp_path), BOTH)
    assert [*rows.columns] == ["job", "lr", "~extra", "state", "psnr", "seconds", "reason", "run"]
    assert rows["psnr"].tolist()[:4] == [30, 31, 29, 31] and rows["psnr"].isna().sum() == 2


def test_the_best_are_those_that_no_other_beats(tmp_path):
    rows = sweep_rows(jobs(tmp_path), BOTH)
    assert best_trials(rows, BOTH) == [0, 3]
    assert best_trials(rows, BOTH[:1]) == [1, 3]
    assert best_trials(rows, BOTH[1:]) == [0]
    assert best_trials(rows, []) == [] == best_trials(rows[4:], BOTH)


def test_the_table_has_the_best_above_and_says_why_others_did_not_end(tmp_path):
    rows = sweep_rows(jobs(tmp_path), BOTH)
    table = sweep_table(rows, BOTH, "s")
    assert [row[0] for row in table.rows] == ["3 *", "0 *", "1", "2", "4", "5"]
    assert "4 done, 1 failed, 1 pruned" in table.note and "job 5: at step 5" in table.note
    assert all(line.count("|") == 7 for line in table.markdown().splitlines()[2:9])
