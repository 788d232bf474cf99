import threading
import time

import pytest
from tests.made_studio import described, write_pictures

from facsimile.data.description import DataSetDescription
from facsimile.errors import UserError
from facsimile.studio.errors import NotFoundError, RefusedError, TakenError
from facsimile.studio.files import DescriptionFiles
from facsimile.studio.jobs import Jobs
from facsimile.studio.store import DataSets
from facsimile.studio.tables import open_database

SECONDS = 20


def until(holds):
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def engine(tmp_path):
    return open_database(tmp_path / "studio.db")


@pytest.fixture
def datasets(engine, tmp_path):
    store = DataSets(engine, DescriptionFiles(tmp_path / "local"), lambda said: [])
    for name in ("mine", "yours"):
        store.create(DataSetDescription(**described(tmp_path, name)))
    return store


class Slow:
    """Work that goes on until it is let go, and says how often it began."""

    def __init__(self):
        self.begun, self.go = [], threading.Event()

    def __call__(self, number, said, progress):
        self.begun.append(said.name)
        for done in range(SECONDS * 100):
            progress.step(done, 7, "slowly")
            if self.go.wait(0.01):
                return


@pytest.fixture
def work():
    return Slow()


@pytest.fixture
def jobs(engine, datasets, work):
    made = Jobs(engine, {"check": work, "fetch": work})
    yield made
    work.go.set()
    made.close()


def ended(jobs, number):
    until(lambda: jobs.get(number).ended is not None)
    return jobs.get(number)


def test_a_job_is_begun_and_done(jobs, datasets, work):
    job = jobs.start("mine", "check")
    assert (job.state, job.dataset, job.kind) == ("waiting", "mine", "check")
    until(lambda: work.begun)
    until(lambda: jobs.get(job.id).total == 7)
    assert datasets.get("mine").state == "checking"
    assert jobs.get(job.id).note == "slowly"
    work.go.set()
    done = ended(jobs, job.id)
    assert (done.state, done.done, done.total) == ("done", 7, 7)
    assert datasets.get("mine").state == "new"


def test_a_data_set_has_one_job_at_a_time_and_others_wait(jobs, work, datasets):
    jobs.start("mine", "check")
    until(lambda: work.begun)
    with pytest.raises(TakenError):
        jobs.start("mine", "check")
    other = jobs.start("yours", "check")
    assert (jobs.get(other.id).state, datasets.get("yours").state) == ("waiting", "waiting")
    work.go.set()
    assert ended(jobs, other.id).state == "done"
    assert work.begun == ["mine", "yours"]
    assert [job.id for job in jobs.list("yours")] == [other.id]


def test_a_running_job_is_cancelled(jobs, work, datasets):
    job = jobs.start("mine", "check")
    until(lambda: work.begun)
    jobs.cancel(job.id)
    assert ended(jobs, job.id).state == "cancelled"
    assert datasets.get("mine").state == "new"
    assert jobs.cancel(job.id).state == "cancelled"
    jobs.start("mine", "check")


def test_a_waiting_job_is_cancelled_before_it_begins(jobs, work):
    jobs.start("mine", "check")
    until(lambda: work.begun)
    other = jobs.start("yours", "check")
    assert jobs.cancel(other.id).state == "cancelled"
    work.go.set()
    until(lambda: not jobs._live)
    assert work.begun == ["mine"]


@pytest.mark.parametrize(
    ("error", "note"),
    [(UserError("no such folder"), "no such folder"), (KeyError("x"), "KeyError")],
)
def test_a_job_that_fails_says_why_and_the_next_is_done(engine, datasets, error, note):
    def fail(number, said, progress):
        raise error

    jobs = Jobs(engine, {"check": fail})
    failed = ended(jobs, jobs.start("mine", "check").id)
    assert failed.state == "failed" and note in failed.note
    assert ended(jobs, jobs.start("mine", "check").id).state == "failed"
    jobs.close()


def test_the_next_server_goes_on(engine, datasets, work):
    first = Jobs(engine, {"check": work})
    job, waiting = first.start("mine", "check"), first.start("yours", "check")
    until(lambda: work.begun)
    first.close()
    assert first.get(job.id).state == "running"  # as it is after a kill
    second = Jobs(engine, {"check": work})
    work.go.set()
    second.resume()
    assert ended(second, job.id).state == "done"
    assert ended(second, waiting.id).state == "done"
    assert work.begun == ["mine", "mine", "yours"]
    second.close()


def test_a_job_that_ends_every_server_is_given_up(engine, datasets):
    work = Slow()
    job = None
    for count in (1, 2, 3):
        server = Jobs(engine, {"check": work})
        job = job or server.start("mine", "check")
        if count > 1:
            server.resume()
        until(lambda count=count: len(work.begun) == count)
        server.close()
    last = Jobs(engine, {"check": work})
    last.resume()
    assert last.get(job.id).state == "failed"
    assert "3 times" in last.get(job.id).note
    last.close()


def test_what_cannot_be_done_is_not_begun(jobs):
    with pytest.raises(NotFoundError):
        jobs.start("nobody", "check")
    with pytest.raises(RefusedError, match="no address"):
        jobs.start("mine", "fetch")
    with pytest.raises(NotFoundError):
        jobs.get(99)


def test_a_check_finds_sizes_types_hashes_and_faces(api, studio, mine, tmp_path):
    import hashlib

    write_pictures(tmp_path / "raw/mine")
    (tmp_path / "raw/mine/broken.png").write_bytes(b"no picture")
    job = api.post("/datasets/mine/jobs", json={"kind": "check"}).json()
    assert ended(studio.jobs, job["id"]).state == "done"
    found = api.get("/datasets/mine").json()
    assert found["state"] == "problems"
    assert found["findings"]["kinds"] == {"image": 4}
    assert found["findings"]["problems"][0]["path"] == "broken.png"
    images = {one["path"]: one for one in api.get("/datasets/mine/images").json()["items"]}
    assert images["broken.png"]["problem"]
    dark, light = images["p0.png"], images["p1.png"]
    assert (light["width"], light["height"], light["channels"], light["type"]) == (32, 40, 3, "png")
    data = (tmp_path / "raw/mine/p1.png").read_bytes()
    assert (light["sha256"], light["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (dark["faces"], light["faces"], light["found"][0]["score"]) == (0, 1, 0.75)
    assert light["quality"]["eye_distance"] == 12.0
    small = api.get(f"/datasets/mine/images/{light['id']}/thumbnail")
    assert small.content[:3] == b"\xff\xd8\xff"
    changed = api.patch("/datasets/mine", json={"details": "x"}, headers={"If-Match": "*"}).json()
    assert (changed["state"], changed["outdated"]) == ("changed", True)


def test_jobs_are_asked_for_over_the_api(api, mine, studio):
    job = api.post("/datasets/mine/jobs", json={"kind": "check"}).json()
    assert ended(studio.jobs, job["id"]).state == "failed"  # its folder is not there
    assert "raw/mine" in api.get(f"/jobs/{job['id']}").json()["note"]
    assert api.post(f"/jobs/{job['id']}/cancel").json()["state"] == "failed"
    assert [one["id"] for one in api.get("/datasets/mine/jobs").json()] == [job["id"]]
    assert api.post("/datasets/mine/jobs", json={"kind": "fetch"}).status_code == 422
    assert api.post("/datasets/mine/jobs", json={"kind": "rm"}).status_code == 422
