"""What is tried against every field, name and path; docs/studio.md has the list of all attacks."""

import json
import os
import shutil

import pytest
import yaml
from fastapi.testclient import TestClient
from omegaconf import OmegaConf
from sqlalchemy import inspect
from tests import made_studio
from tests.made_studio import described

from facsimile.data.description import DataSetDescription
from facsimile.studio.app import create_app

TEXTS = ("details", "source", "citation", "licence", "consent")
EVERY = sorted(DataSetDescription.model_fields)
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
SQL = "x'); DROP TABLE data_sets; --"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("attacked")


@pytest.fixture(scope="module")
def app(root):
    """One for all: to make it takes longer than to ask it."""
    return create_app(made_studio.settings(root))


@pytest.fixture
def tmp_path(root):
    """Below which the studio's data sets lie."""
    return root


@pytest.fixture
def api(app, root):
    yield TestClient(app, base_url="http://testserver/api/v1")
    store = app.state.studio.datasets
    for item in store.list(size=100).items:
        store.delete(item.name)
    shutil.rmtree(root / "raw", ignore_errors=True)


def given(tmp_path, field, value):
    return described(tmp_path) | {field: value}


def stored(tmp_path):
    return (tmp_path / "local/data/mine.yaml").read_text()


@pytest.mark.parametrize("field", EVERY)
def test_sql_in_a_field_is_text_or_refused(api, studio, tmp_path, field):
    answer = api.post("/datasets", json=given(tmp_path, field, SQL))
    assert answer.status_code == (201 if field in (*TEXTS, "pattern") else 422)
    if answer.status_code == 201:
        assert answer.json()["description"][field] == SQL
    assert "data_sets" in inspect(studio.datasets.engine).get_table_names()


@pytest.mark.parametrize("search", [SQL, "%' OR '1'='1", "\\", "'; --", "\0"])
def test_sql_in_a_search_finds_nothing(api, mine, search):
    assert api.get("/datasets", params={"search": search}).json()["items"] == []
    assert api.get("/datasets").json()["total"] == 1


@pytest.mark.parametrize("field", EVERY)
@pytest.mark.parametrize(
    "value",
    [
        {"_target_": "os.system", "command": "touch evil"},
        [{"_target_": "builtins.print"}],
        "_target_: os.system",
        "facsimile.faces.yunet.YuNet",
        "${oc.env:HOME}",
        "${hydra:runtime.cwd}",
    ],
    ids=["mapping", "list", "yaml", "class", "environment", "hydra"],
)
def test_nothing_that_is_typed_is_built_or_replaced(api, tmp_path, field, value):
    answer = api.post("/datasets", json=given(tmp_path, field, value))
    if answer.status_code == 422:
        return
    assert answer.status_code == 201
    assert isinstance(value, str) and "${" not in value
    read = OmegaConf.create(yaml.safe_load(stored(tmp_path)))
    assert read.data[field] == value  # a text in its place
    assert targets(yaml.safe_load(stored(tmp_path))) == []


def test_a_field_that_is_not_there_is_no_way_in(api, tmp_path):
    for field in ("_target_", "defaults", "hydra", "dataset", "__class__", "params"):
        answer = api.post("/datasets", json=given(tmp_path, field, "os.system"))
        assert answer.status_code == 422


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    "text",
    [
        "a\nparams: {seed: 7}\ndefaults: [x]",
        "# @package hydra.launcher",
        "!!python/object/apply:os.system ['touch evil']",
        "*alias &anchor |\n  x: y",
        "- a: [b, {c",
    ],
)
def test_no_text_becomes_a_part_of_the_file(api, tmp_path, field, text):
    assert api.post("/datasets", json=given(tmp_path, field, text)).status_code == 201
    lines = stored(tmp_path)
    assert lines.startswith("# @package _global_\n")
    read = yaml.safe_load(lines)
    assert list(read) == ["defaults", "data", "params"]
    assert read["data"][field] == text


@pytest.mark.parametrize("field", TEXTS)
def test_a_script_in_a_field_is_shown_as_text(app, api, tmp_path, field):
    api.post("/datasets", json=given(tmp_path, field, SCRIPT))
    browser = TestClient(app)
    for path in ("/datasets", "/datasets/mine", "/datasets/mine/edit", "/datasets?search=<script>"):
        page = browser.get(path, headers={"accept": "text/html"})
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text and "<img src=x" not in page.text
        assert "unsafe" not in page.headers["content-security-policy"]
    assert "{{7*7}}" in browser.get("/datasets/mine").text  # no template of its own


@pytest.mark.parametrize("field", ["name", "root", "pattern", "table", "detector", "degradations"])
def test_a_script_in_any_other_field_is_refused_or_text(app, api, tmp_path, field):
    value = [SCRIPT] if field == "degradations" else SCRIPT
    answer = api.post("/datasets", json=given(tmp_path, field, value))
    assert answer.status_code == (201 if field == "pattern" else 422)
    assert answer.headers["content-type"].endswith("json")
    assert "<script>alert" not in TestClient(app).get("/datasets").text


@pytest.mark.parametrize(
    "place",
    [
        *("/", "/etc", "/etc/passwd", "..", "raw/../..", "../../..", "/proc/self/environ", "~"),
        *("raw/mine/../../local", "file:///etc", "//etc", "/dev/zero", "\\\\server\\share"),
    ],
)
def test_no_source_lies_outside_the_allowed_folders(api, tmp_path, place):
    answer = api.post("/datasets", json=given(tmp_path, "root", place))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "root"


def test_no_link_leads_out_of_the_allowed_folders(api, studio, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/link").symlink_to("/etc")
    (tmp_path / "raw/loop").symlink_to(tmp_path / "raw/loop")
    for place in ("raw/link", "raw/link/ssl", "raw/loop"):
        answer = api.post("/datasets", json=given(tmp_path, "root", str(tmp_path / place)))
        assert answer.status_code == 422, place
    # a link that is put there later is looked at anew by each job and picture
    made = api.post("/datasets", json=described(tmp_path))
    (tmp_path / "raw/mine").symlink_to("/etc")
    assert made.status_code == 201
    job = api.post("/datasets/mine/jobs", json={"kind": "check"}).json()
    while studio.jobs.get(job["id"]).ended is None:
        os.sched_yield()
    assert "has to lie below" in studio.jobs.get(job["id"]).note


@pytest.mark.parametrize("table", ["/etc/passwd", "../../../../etc/passwd"])
def test_no_table_lies_outside_them(api, tmp_path, table):
    answer = api.post("/datasets", json=given(tmp_path, "table", table))
    assert answer.json()["errors"][0]["field"] == "table"


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fetc%2fpasswd",
        "..",
        "%2e%2e",
        "a%2fb",
        "mine%00",
        "mine.yaml",
        "MINE",
        "%5c..%5ca",
    ],
)
@pytest.mark.parametrize("path", ["/datasets/{}", "/datasets/{}/config", "/datasets/{}/images"])
def test_no_name_is_a_path(api, mine, name, path):
    answer = api.get(path.format(name))
    assert answer.status_code in (404, 422)
    assert "root:" not in answer.text


@pytest.mark.parametrize("place", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "%2fetc/passwd"])
def test_no_static_file_is_outside_its_folder(app, place):
    assert TestClient(app).get(f"/static/{place}").status_code == 404


def test_an_upload_is_cut_off(tmp_path_factory):
    from facsimile.studio.settings import Limits

    tmp_path = tmp_path_factory.mktemp("small")
    app = create_app(made_studio.settings(tmp_path, limits=Limits(upload=10_000, request=1_000)))
    with TestClient(app, base_url="http://testserver/api/v1") as api:
        large = {"image": ("a.png", b"\0" * 20_000, "image/png")}
        assert api.post("/detect", files=large).status_code == 413
        body = json.dumps(described(tmp_path) | {"details": "x" * 2_000})
        kind = {"content-type": "application/json"}
        assert api.post("/datasets", content=body, headers=kind).status_code == 413
        pieces = (body[start : start + 500].encode() for start in range(0, len(body), 500))
        unclaimed = api.post("/datasets", content=pieces, headers=kind)
        assert unclaimed.status_code == 413
        assert api.get("/datasets").json()["total"] == 0


def test_json_that_is_deep_or_odd_is_refused(api):
    kind = {"content-type": "application/json"}
    for body in (b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"NaN", b"", b'"\\ud800"'):
        assert api.post("/datasets", content=body, headers=kind).status_code in (400, 422)


def targets(node):
    if isinstance(node, dict):
        own = [node["_target_"]] if "_target_" in node else []
        return own + [one for value in node.values() for one in targets(value)]
    return [one for value in node for one in targets(value)] if isinstance(node, list) else []
