"""What is read of a real store, in a file."""

import pytest

from facsimile.errors import UserError
from facsimile.tracking import Tracker
from facsimile.tracking.reading import Reader


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two runs of one data set, one of another; a model of two versions, the second the best."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"
    tracker = Tracker(uri, "tried")
    runs = []
    for number, data in enumerate(("mine", "mine", "yours")):
        run = tracker.open_run(f"run{number}", f"v{number}")
        tracker.log_settings(run, {"data.name": data}, {})
        tracker.log_metrics(run, {"test/psnr": 30.0 + number, "val/psnr": 1.0, "system/cpu": 9.0})
        tracker.finish(run)
        runs.append(run)
    client = tracker.client
    client.create_registered_model("enhancement-small")
    for run in runs[:2]:
        client.create_model_version("enhancement-small", f"runs:/{run}/model", run)
    client.set_registered_model_alias("enhancement-small", "best", "2")
    return uri


def test_runs_of_a_data_set_are_found_by_its_name(store):
    found = Reader(store, "tried").runs_of_data("mine")
    assert {run["name"] for run in found} == {"run0", "run1"}
    assert all(run["status"] == "FINISHED" and run["started"] > 1.7e9 for run in found)
    by_name = {run["name"]: run["metrics"] for run in found}
    assert by_name["run1"] == {"test/psnr": 31.0}
    assert Reader(store, "tried").runs_of_data("none") == []
    assert Reader(store, "other").runs_of_data("mine") == []


def test_registered_models_come_with_the_metrics_of_their_runs(store):
    found = {row["version"]: row for row in Reader(store, "tried").registered()}
    assert (found["1"]["best"], found["2"]["best"]) == (False, True)
    assert (found["2"]["name"], found["2"]["task"]) == ("enhancement-small", "enhancement")
    assert found["2"]["metrics"] == {"test/psnr": 31.0, "val/psnr": 1.0}  # not the machine's


def test_an_error_does_not_show_the_password():
    with pytest.raises(UserError) as told:
        Reader("postgresql://me:secret@127.0.0.1:1/mlflow").registered()
    assert "secret" not in str(told.value) and "127.0.0.1:1" in str(told.value)


def test_looking_makes_no_store(tmp_path):
    reader = Reader(f"sqlite:///{tmp_path}/none.db")
    assert (reader.runs_of_data("mine"), reader.registered()) == ([], [])
    assert list(tmp_path.iterdir()) == []
