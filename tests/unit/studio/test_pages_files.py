"""What a browser is given: nothing that the content security policy would stop, no other host."""

import re
from pathlib import Path

import pytest

import facsimile.studio

STUDIO = Path(facsimile.studio.__file__).parent
TEMPLATES = sorted((STUDIO / "templates").glob("*.html"))
OWN = sorted((STUDIO / "static").glob("*.*"))
VENDORED = sorted((STUDIO / "static/vendor").glob("*"))
NAMESPACE = "http://www.w3.org/2000/svg"


def ids(paths):
    return [path.name for path in paths]


@pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
def test_no_template_has_scripts_or_styles_of_its_own(path):
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "<style" not in text
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)  # onclick and the like
    assert not re.search(r"hx-on|hx-vals|hx-vars|javascript:", text)  # these evaluate texts
    assert "|safe" not in text


@pytest.mark.parametrize("path", [*TEMPLATES, *OWN], ids=ids([*TEMPLATES, *OWN]))
def test_nothing_names_another_host(path):
    found = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"')]*", path.read_text())
    assert set(found) <= {NAMESPACE}


@pytest.mark.parametrize("path", VENDORED, ids=ids(VENDORED))
def test_what_others_wrote_comes_with_its_licence_and_loads_nothing(path):
    assert list(path.glob("LICENSE*"))
    for file in path.glob("*.min.*"):
        loaded = re.findall(r"url\(\s*[\"']?(?!data:)([^)\"']+)|@import", file.read_text())
        assert not loaded


def test_every_form_carries_the_token():
    for path in TEMPLATES:
        forms = re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL)
        for form in forms:
            assert 'method="post"' not in form or 'name="csrf_token"' in form, path
