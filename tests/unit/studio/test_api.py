import httpx
import pytest
from tests.made_studio import described

PROBLEM = "application/problem+json"


def tag(answer):
    return {"If-Match": answer.headers["etag"]}


def test_a_data_set_is_created_and_read(api, fields):
    made = api.post("/datasets", json=fields)
    assert made.status_code == 201
    assert made.headers["location"] == "/api/v1/datasets/mine"
    read = api.get("/datasets/mine")
    assert read.status_code == 200
    assert read.json() == made.json()
    assert read.json()["description"]["crop"] == "face"
    assert read.headers["etag"] == made.headers["etag"] == f'"{read.json()["etag"]}"'


def test_the_list_has_it(api, mine):
    page = api.get("/datasets", params={"search": "mine"}).json()
    assert (page["total"], page["items"][0]["name"], page["items"][0]["number"]) == (1, "mine", 1)
    assert api.get("/datasets", params={"search": "yours"}).json()["items"] == []


@pytest.mark.parametrize("missing", ["name", "root", "kind", "licence", "consent"])
def test_a_field_that_is_missing_is_named(api, fields, missing):
    del fields[missing]
    answer = api.post("/datasets", json=fields)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert [error["field"] for error in answer.json()["errors"]] == [missing]


def test_what_is_there_already_is_a_conflict(api, mine, fields):
    assert api.post("/datasets", json=fields).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "sample"}, "name"),
        ({"detector": "nobody"}, "detector"),
        ({"degradations": ["darken", "nothing"]}, "degradations"),
        ({"root": "/etc"}, "root"),
    ],
)
def test_what_this_machine_does_not_have_is_refused(api, fields, change, field):
    answer = api.post("/datasets", json=fields | change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_replacing_needs_the_present_version(api, fields):
    first = api.post("/datasets", json=fields)
    changed = fields | {"details": "new"}
    assert api.put("/datasets/mine", json=changed).status_code == 428
    second = api.put("/datasets/mine", json=changed, headers=tag(first))
    assert (second.status_code, second.json()["description"]["details"]) == (200, "new")
    stale = api.put("/datasets/mine", json=fields, headers=tag(first))
    assert (stale.status_code, stale.headers["content-type"]) == (412, PROBLEM)
    assert api.get("/datasets/mine").json()["description"]["details"] == "new"


def test_patching_keeps_what_is_not_said(api, fields):
    first = api.post("/datasets", json=fields | {"details": "old", "crop": 64})
    answer = api.patch("/datasets/mine", json={"details": "new"}, headers=tag(first))
    said = answer.json()["description"]
    assert (said["details"], said["crop"], said["licence"]) == ("new", 64, fields["licence"])
    assert api.patch("/datasets/mine", json={"crop": 3}, headers=tag(answer)).status_code == 422
    assert api.patch("/datasets/mine", json={"odd": 3}, headers=tag(answer)).status_code == 422
    contradiction = api.patch("/datasets/mine", json={"resize": "fit"}, headers=tag(answer))
    assert contradiction.json()["errors"][0]["field"] == "resize"


def test_a_star_changes_whatever_there_is(api, mine):
    answer = api.patch("/datasets/mine", json={"details": "new"}, headers={"If-Match": "*"})
    assert answer.status_code == 200


def test_deleting_and_undoing(api, mine):
    assert api.delete("/datasets/mine", headers={"If-Match": '"old"'}).status_code == 412
    assert api.delete("/datasets/mine").status_code == 204
    assert api.get("/datasets/mine").status_code == 404
    assert api.delete("/datasets/mine").status_code == 404
    assert api.post("/datasets/mine/undo").json() == mine
    assert api.post("/datasets/mine/undo").status_code == 409


def test_settings_are_read_one_by_one(api, fields):
    api.post("/datasets", json=fields | {"degradations": ["darken", "lighten"]})
    assert api.get("/datasets/mine/config").json()["detector"] == "yunet"
    assert api.get("/datasets/mine/config/detector").json()["value"] == "yunet"
    assert api.get("/datasets/mine/config/degradations.1").json()["value"] == "lighten"
    for key in (
        "nothing",
        "degradations.2",
        "degradations.-1",
        "detector.0",
        "__class__",
        "detector.",
    ):
        assert api.get(f"/datasets/mine/config/{key}").status_code == 404


def test_what_is_not_there_is_a_problem(api):
    for path in ("/datasets/none", "/jobs/7", "/nothing", "/datasets/none/images"):
        answer = api.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
        assert answer.json()["status"] == 404
    assert api.put("/datasets").status_code == 405


def test_the_client_gets_settings(api, fields, monkeypatch):
    from facsimile.errors import UserError
    from facsimile.studio.client import get

    def ask(url, headers, timeout):
        answer = api.get(url, headers=headers)
        return httpx.Response(answer.status_code, content=answer.content)

    api.post("/datasets", json=fields)
    with monkeypatch.context() as patched:
        patched.setattr(httpx, "get", ask)
        patched.setenv("FACSIMILE_STUDIO", "http://testserver/")
        assert get("mine", "detector") == "yunet"
        assert get("mine")["root"] == fields["root"]
        with pytest.raises(UserError, match="no setting odd"):
            get("mine", "odd")
        with pytest.raises(UserError, match="no data set none"):
            get("none", "detector")
    with pytest.raises(UserError, match="no studio answers"):
        get("mine", "detector", server="http://127.0.0.1:9")


def test_models_are_listed(api):
    [model] = api.get("/models").json()
    assert (model["name"], model["metrics"]) == ("brighter", {"test/psnr": 31.5})


def test_a_mistake_of_ours_is_told_without_its_inside(app, fields, monkeypatch):
    from fastapi.testclient import TestClient

    monkeypatch.setattr(app.state.studio.datasets, "get", lambda name: 1 / 0)
    client = TestClient(app, raise_server_exceptions=False)
    answer = client.get("/api/v1/datasets/mine")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "ZeroDivision" not in answer.text


def test_a_page_of_many_is_cut(api, tmp_path):
    for number in range(3):
        api.post("/datasets", json=described(tmp_path, f"n{number}"))
    page = api.get("/datasets", params={"size": 2, "page": 2, "sort": "-name"}).json()
    assert [item["name"] for item in page["items"]] == ["n0"]
    for odd in ({"size": 0}, {"size": 101}, {"page": 0}, {"sort": "yaml"}):
        assert api.get("/datasets", params=odd).status_code == 422
