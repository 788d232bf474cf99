import re
import threading
import time
from dataclasses import dataclass
from html import unescape

import pytest
import yaml
from fastapi.testclient import TestClient
from tests.made_studio import described, settings, write_pictures

from facsimile.studio.app import create_app
from facsimile.studio.jobs import LIVE
from facsimile.studio.settings import Tools


@dataclass
class Browser:
    """What a browser without scripts does: keeps cookies, sends the token of the page."""

    client: TestClient

    def get(self, path, **more):
        return self.client.get(path, headers={"accept": "text/html"}, **more)

    def token(self):
        return re.search(r'name="csrf_token" value="([^"]+)"', self.get("/new").text)[1]

    def post(self, path, data=None, files=None, **more):
        sent = {"csrf_token": self.token(), **(data or {})}
        headers = {"accept": "text/html"}
        return self.client.post(path, data=sent, files=files, headers=headers, **more)


@pytest.fixture
def browser(app):
    with TestClient(app, base_url="http://testserver") as client:
        yield Browser(client)


@pytest.fixture
def typed(tmp_path):
    """A form that is filled in."""
    return described(tmp_path) | {"crop": "face", "detector": "yunet", "resize": "none"}


def wrong_at(answer):
    """The messages of a page by field."""
    found = re.findall(r'<strong class="wrong" id="f-(\w+)-wrong"[^>]*>([^<]*)', answer.text)
    return {field: unescape(words) for field, words in found if words}


def test_the_form_makes_a_file_that_the_command_line_reads(browser, typed, tmp_path):
    more = {"val_people": "a*\r\nb", "degradations": ["", "darken", "lighten"], "test_share": ".5"}
    answer = browser.post("/new", typed | more)
    assert answer.url.path == "/datasets/mine"
    assert "mine is saved: use it as data=mine." in answer.text
    assert "mine is saved" not in browser.get("/datasets/mine").text  # once
    said = yaml.safe_load((tmp_path / "local/data/mine.yaml").read_text())
    assert said["params"]["split"]["identity"]["patterns"]["val"] == ["a*", "b"]
    assert said["params"]["split"]["identity"]["unlisted"]["test"] == 0.5
    assert said["data"]["degradations"] == ["darken", "lighten"]


def test_each_message_stands_at_its_field(browser, typed, tmp_path):
    bad = {"name": "No Name", "licence": " ", "height": "7", "crop": "custom", "crop_side": "1"}
    answer = browser.post("/new", typed | bad | {"root": "/etc"})
    assert answer.status_code == 422
    wrong = wrong_at(answer)
    assert wrong.keys() == {"name", "licence", "height", "crop_side", "root"}
    assert "16" in wrong["height"]
    assert "below" in wrong["root"]
    for field in wrong:
        described_by = f'aria-describedby="f-{field}-help f-{field}-wrong" aria-invalid="true"'
        assert described_by in answer.text
        assert f'href="#f-{field}"' in answer.text
    assert 'value="No Name"' in answer.text  # what was typed is still there
    assert not list(tmp_path.glob("local/data/*"))


def test_a_name_that_is_taken(browser, typed, mine):
    answer = browser.post("/new", typed)
    assert answer.status_code == 409
    assert wrong_at(answer) == {"name": "taken"}


def test_a_reserved_name_is_refused(browser, typed):
    assert "name" in wrong_at(browser.post("/new", typed | {"name": "dfdc"}))


def test_a_change_of_something_that_changed_is_not_saved(browser, typed, studio, mine):
    tag = mine["etag"]
    assert browser.post("/datasets/mine/edit", typed | {"etag": tag, "details": "one"})
    answer = browser.post("/datasets/mine/edit", typed | {"etag": tag, "details": "two"})
    assert answer.status_code == 409
    assert studio.datasets.described("mine").details == "one"
    assert re.search(r"<td>two</td><td>one</td>", answer.text)
    now = re.search(r'name="etag" value="(\w+)"', answer.text)[1]
    assert now == studio.datasets.etag("mine")
    browser.post("/datasets/mine/edit", typed | {"etag": now, "details": "two"})
    assert studio.datasets.described("mine").details == "two"


def test_a_name_stays_whatever_is_typed(browser, typed, studio, mine):
    changed = {"etag": mine["etag"], "name": "other", "details": "new"}
    browser.post("/datasets/mine/edit", typed | changed)
    assert studio.datasets.described("mine").details == "new"
    assert studio.datasets.list().total == 1


def test_deleting_and_taking_it_back(browser, studio, mine):
    assert "Delete mine?" in browser.get("/datasets/mine/delete").text
    assert studio.datasets.list().total == 1  # asking deletes nothing
    answer = browser.post("/datasets/mine/delete")
    assert "mine is deleted." in answer.text
    assert 'action="/datasets/mine/undo"' in answer.text
    assert "mine is back." in browser.post("/datasets/mine/undo").text
    assert studio.datasets.get("mine").etag == mine["etag"]


def test_what_has_a_successor_is_not_brought_back(browser, typed, studio, mine):
    browser.post("/datasets/mine/delete")
    browser.post("/new", typed | {"details": "another"})
    assert "cannot be brought back" in browser.post("/datasets/mine/undo").text
    assert studio.datasets.described("mine").details == "another"


@pytest.mark.parametrize("path", ["/new", "/datasets/mine/delete", "/check", "/models/enhance"])
def test_nothing_is_done_without_the_token_of_the_page(browser, studio, mine, path):
    browser.get("/new")
    answer = browser.client.post(path, data={}, headers={"accept": "text/html"})
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert studio.datasets.list().total == 1


def test_while_one_types_only_what_was_touched_is_marked(browser, typed):
    empty = typed | {"name": "", "licence": "", "test_share": "0.95", "touched": ["licence"]}
    answer = browser.post("/check", empty)
    assert wrong_at(answer) == {"licence": "say something here"}
    more = typed | {"licence": "mine", "test_share": "0.95", "val_share": "0.1"}
    assert wrong_at(browser.post("/check", more)).keys() == {"test_share"}
    assert "it can be saved" in browser.post("/check", typed).text


def test_a_taken_name_is_told_while_one_types(browser, typed, mine):
    assert "already" in wrong_at(browser.post("/check", typed))["name"]
    assert wrong_at(browser.post("/check?name=mine", typed)) == {}


def test_the_list_is_searched_and_sorted(browser, studio, api, tmp_path):
    for name, details in (("a", "grey faces"), ("b", "grey cats"), ("c", 'a "quote" & <b>')):
        api.post("/datasets", json=described(tmp_path, name, details=details))
    assert names(browser.get("/datasets?sort=-name")) == ["c", "b", "a"]
    assert names(browser.get("/datasets?search=grey+faces")) == ["a"]
    assert names(browser.get("/datasets?sort=nonsense")) == ["a", "b", "c"]
    assert "a &#34;quote&#34; &amp; &lt;b&gt;" in browser.get("/datasets").text
    assert "No data set has “&lt;i&gt;”" in browser.get("/datasets?search=<i>").text
    assert 'aria-sort="descending"' in browser.get("/datasets?sort=-name").text


def names(answer):
    return re.findall(r'class="name"><a href="/datasets/(\w+)"', answer.text)


def test_a_file_by_hand_that_cannot_be_read_is_shown_and_not_edited(browser, tmp_path):
    path = tmp_path / "local/data/odd.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("nobody: knows <this>")
    assert "cannot be used" in browser.get("/datasets").text
    answer = browser.get("/datasets/odd")
    assert answer.status_code == 200
    assert "nobody: knows &lt;this&gt;" in answer.text
    assert browser.get("/datasets/odd/edit").status_code == 422


@pytest.mark.parametrize("path", ["/datasets/none", "/datasets/none/edit", "/nowhere"])
def test_what_is_not_there_is_told_in_a_page(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "To the data sets" in answer.text
    assert "Not Found" not in answer.text


def test_an_error_within_a_page_is_no_page(browser):
    headers = {"accept": "text/html", "hx-request": "true"}
    answer = browser.client.get("/datasets/none/job", headers=headers)
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


def test_what_was_found_is_shown(browser, typed, tmp_path, studio):
    write_pictures(tmp_path / "raw/mine")
    (tmp_path / "raw/mine/p9.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    browser.post("/new", typed)
    while studio.jobs.list("mine")[0].state in LIVE:
        time.sleep(0.02)
    shown = browser.get("/datasets/mine").text
    assert "p9.jpg" in shown
    assert len(re.findall(r'<img src="/api/v1/datasets/mine/images/\d+/thumbnail"', shown)) == 3
    assert re.search(r"<dt>Clips</dt><dd>4</dd>", shown)
    assert "Brightness, grey of 2 faces" in shown  # the dark one shows none
    assert "facsimile extract data=mine" in shown


def test_files_that_are_sent_are_kept_and_others_named(browser, typed, tmp_path):
    write_pictures(tmp_path / "here", 1)
    good, bad = (tmp_path / "here/p0.png").read_bytes(), b"no picture <b>"
    files = [("uploads", ("p.png", good)), ("uploads", ("q.png", bad))]
    answer = browser.post("/new", typed | {"root": ""}, files)
    assert "1 of 2 files were kept" in answer.text
    assert "q.png" in answer.text
    assert (tmp_path / "raw/mine/p.png").read_bytes() == good
    assert [path.name for path in (tmp_path / "raw/mine").iterdir()] == ["p.png"]


def test_files_for_a_folder_elsewhere_are_refused_before_anything_is_saved(browser, typed, studio):
    (studio.settings.raw / "other").mkdir(parents=True)
    files = [("uploads", ("p.png", b"any"))]
    root = str(studio.settings.raw / "other")
    answer = browser.post("/new", typed | {"root": root}, files)
    assert "leave this empty" in wrong_at(answer)["root"]
    assert "choose the files from this computer again" in answer.text
    assert not studio.datasets.list().total


def test_the_runs_that_used_it(tmp_path):
    run = {"run_id": "abcdef0123456", "name": "swap <b>", "status": "FINISHED", "started": 0.0}
    runs = {"mine": [run | {"metrics": {"val/psnr": 31.234}}]}
    app = create_app(settings(tmp_path, runs=lambda name: runs.get(name, [])))
    with TestClient(app, base_url="http://testserver") as client:
        client.post("/api/v1/datasets", json=described(tmp_path))
        shown = client.get("/datasets/mine/runs", headers={"hx-request": "true"}).text
        assert "swap &lt;b&gt;" in shown
        assert "val/psnr <b>31.23</b>" in shown
        assert "<html" not in shown
        assert "<html" in client.get("/datasets/mine/runs").text


def test_the_switch_leads_back_and_nowhere_else(browser):
    referers = {
        "http://testserver/models?a=b": "/models?a=b",
        "http://testserver//evil.org/x": "/evil.org/x",
        "http://testserver/\\evil.org": "/evil.org",
        "": "/",
    }
    token = browser.token()
    for referer, place in referers.items():
        sent = {"csrf_token": token, "theme": "dark"}
        headers = {"referer": referer, "accept": "text/html"}
        answer = browser.client.post("/theme", data=sent, headers=headers, follow_redirects=False)
        assert answer.headers["location"] == place
    assert 'data-theme="dark"' in browser.get("/models").text
    browser.post("/theme", {"theme": "auto"})
    assert "data-theme" not in browser.get("/models").text


def test_work_is_shown_while_it_goes_on_and_can_be_cancelled(tmp_path):
    seen, go_on = threading.Event(), threading.Event()

    def slow(image):
        seen.set()
        go_on.wait(10)
        return []

    tools = Tools(detectors={"yunet": lambda: slow})
    app = create_app(settings(tmp_path, tools=tools))
    write_pictures(tmp_path / "raw/mine")
    with TestClient(app, base_url="http://testserver") as client:
        browser = Browser(client)
        browser.post("/new", described(tmp_path) | {"crop": "face", "resize": "none"})
        assert seen.wait(10)
        shown = browser.get("/datasets/mine/job")
        assert 'hx-trigger="every 1s"' in shown.text
        assert "<progress" in shown.text
        assert "hx-refresh" not in shown.headers
        number = re.search(r'name="job" value="(\d+)"', shown.text)[1]
        assert "is cancelled" in browser.post("/datasets/mine/cancel", {"job": number}).text
        go_on.set()
        while app.state.studio.jobs.get(int(number)).state in LIVE:
            time.sleep(0.02)
        ended = browser.get("/datasets/mine/job")
        assert "Looking at the files: cancelled" in ended.text
        assert "every 1s" not in ended.text
        assert ended.headers["hx-refresh"] == "true"  # the page then shows what was found
        assert "Check it" in ended.text


def test_what_cannot_be_begun_is_told(browser, mine):
    assert "Nothing was begun" not in browser.post("/datasets/mine/check").text
    assert "Nothing was begun" in browser.post("/datasets/mine/fetch").text  # it has no address
