import re

import pytest
from fastapi.testclient import TestClient
from tests.made_studio import described, settings

from facsimile.errors import UserError
from facsimile.studio.app import create_app
from facsimile.studio.security import CSRF_FIELD, SESSION, is_loopback

PROBLEM = "application/problem+json"


@pytest.fixture
def browser(app):
    """Keeps cookies."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def guarded(tmp_path):
    app = create_app(settings(tmp_path, host="192.0.2.7", token="a secret"))
    with TestClient(app) as client:
        yield client


def token_of(browser):
    page = browser.get("/", headers={"accept": "text/html"})
    return re.search(rf'name="{CSRF_FIELD}"\s+value="(\w+)"', page.text)[1]


def test_every_answer_has_the_headers(browser):
    for path in ("/", "/api/v1/datasets", "/nothing", "/api/v1/nothing"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_a_session_is_for_this_server_only(browser):
    cookie = browser.get("/", follow_redirects=False).headers["set-cookie"]
    assert cookie.startswith(f"{SESSION}=")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "", "testserver.evil.example"]
)
def test_a_name_that_was_led_here_gets_nothing(browser, host):
    answer = browser.get("/api/v1/datasets", headers={"host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (421, PROBLEM)


@pytest.mark.parametrize("host", ["testserver", "localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_its_own_names_are_answered(browser, host):
    assert browser.get("/api/v1/datasets", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        *(
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": "http://testserver:81"},
        ),
        *({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}),
    ],
)
def test_another_origin_changes_nothing(api, fields, headers):
    answer = api.post("/datasets", json=fields, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
    assert api.get("/datasets").json()["total"] == 0


def test_a_form_of_another_page_is_no_json(api, fields):
    import json

    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = api.post("/datasets", content=json.dumps(fields), headers={"content-type": kind})
        assert answer.status_code == 422
    assert api.get("/datasets").json()["total"] == 0


def test_a_browser_changes_nothing_over_the_api_without_its_pages_token(browser, fields):
    token = token_of(browser)
    assert browser.post("/api/v1/datasets", json=fields).status_code == 403
    wrong = browser.post("/api/v1/datasets", json=fields, headers={"x-csrf-token": "0" * 64})
    assert wrong.status_code == 403
    right = browser.post("/api/v1/datasets", json=fields, headers={"x-csrf-token": token})
    assert right.status_code == 201


def test_a_page_changes_nothing_without_its_token(browser, mine):
    token_of(browser)
    place = "/datasets/mine/delete"
    assert browser.post(place, data={}).status_code == 403
    assert browser.post(place, data={CSRF_FIELD: "0" * 64}).status_code == 403
    assert browser.get("/api/v1/datasets/mine").status_code == 200


def test_a_token_of_another_session_does_not_count(app, browser, fields):
    token_of(browser)
    with TestClient(app) as other:
        foreign = token_of(other)
    answer = browser.post("/api/v1/datasets", json=fields, headers={"x-csrf-token": foreign})
    assert answer.status_code == 403


def test_beyond_the_loopback_a_token_has_to_be_set(tmp_path):
    for host in ("0.0.0.0", "192.0.2.7", "::", "studio.example"):
        with pytest.raises(UserError, match="FACSIMILE_STUDIO_TOKEN"):
            create_app(settings(tmp_path, host=host))
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))


def test_with_a_token_nothing_is_answered_without_it(guarded):
    for path in ("/api/v1/datasets", "/api/v1/openapi.json", "/"):
        answer = guarded.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
        assert answer.headers["www-authenticate"] == "Bearer"
    for given in ("Bearer wrong", "Bearer ", "Basic a secret", "Bearer ä"):
        headers = {"authorization": given.encode("latin-1")}
        assert guarded.get("/api/v1/datasets", headers=headers).status_code == 401


def test_a_program_shows_the_token(guarded, tmp_path):
    headers = {"authorization": "Bearer a secret"}
    assert guarded.get("/api/v1/datasets", headers=headers).status_code == 200
    made = guarded.post("/api/v1/datasets", json=described(tmp_path), headers=headers)
    assert made.status_code == 201


def test_a_browser_shows_the_token_once(guarded):
    asked = guarded.get("/", headers={"accept": "text/html"}, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/login")
    form = guarded.get("/login", headers={"accept": "text/html"})
    csrf = re.search(rf'name="{CSRF_FIELD}"\s+value="(\w+)"', form.text)[1]
    wrong = guarded.post("/login", data={CSRF_FIELD: csrf, "token": "no"})
    assert wrong.status_code == 401
    forged = guarded.post("/login", data={"token": "a secret"})
    assert forged.status_code == 403
    right = guarded.post(
        "/login", data={CSRF_FIELD: csrf, "token": "a secret"}, follow_redirects=False
    )
    assert right.status_code == 303
    assert guarded.get("/api/v1/datasets").status_code == 200


def test_a_session_is_not_let_in_by_a_made_up_signature(guarded):
    guarded.cookies.set(SESSION, f"abc.{'0' * 64}")
    assert guarded.get("/api/v1/datasets").status_code == 401
