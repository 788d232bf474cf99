import re
from html.parser import HTMLParser

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.evaluation.tables import Table
from facsimile.reports.origins import Origin
from facsimile.reports.page import NOTICE, Beside, Page, Picture, Section, photo


class Reader(HTMLParser):
    """Checks that tags close in order, and collects every address."""

    VOID = {"meta", "link", "img"}

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def some_page():
    table = Table("Numbers", ["row", "SSIM"], [["swap <b>", "0.970"]], "a note")
    picture = photo(np.full((8, 9, 3), 90, np.uint8), 'a "caption"')
    origin = Origin("experiments/a", "facsimile evaluate", "ab12")
    return Page("report", [Section("a: results", "text & more", [table, picture], [origin])])


def read(html):
    reader = Reader()
    reader.feed(html)
    assert not reader.open
    return reader


def test_the_page_needs_nothing_from_elsewhere():
    html = some_page().html()
    addresses = read(html).addresses
    assert addresses and all(a.startswith(("data:", "#")) for a in addresses)
    assert not re.search(r"https?:|url\(|@import|<script", html)


def test_every_anchor_leads_somewhere():
    html = some_page().html()
    for anchor in re.findall(r'href="#([^"]+)"', html):
        assert f'id="{anchor}"' in html


def test_notice_tables_and_origins_are_there_and_escaped():
    html = some_page().html()
    text = " ".join(read(html).text)
    assert NOTICE in text and "swap <b>" in text and "0.970" in text and "a note" in text
    assert "<b>" not in html
    assert "facsimile evaluate" in text and "ab12" in text


def test_markdown_has_the_same_tables():
    markdown = some_page().markdown()
    assert NOTICE in markdown
    assert "| swap <b> | 0.970 |" in markdown
    assert "`facsimile evaluate` made experiments/a, md5 ab12" in markdown


def test_pictures_know_their_kind():
    assert Picture(b"\x89PNG\r\n", "").uri.startswith("data:image/png;base64,")
    assert photo(np.zeros((4, 4, 3), np.uint8), "").uri.startswith("data:image/jpeg;base64,")


def test_a_picture_beside_the_page_is_referred_to_and_allowed():
    alone = some_page()
    section = Section("Maps", blocks=[Beside("maps/a b#1.png", "a map")])
    html = Page("maps", [section]).html()
    assert 'src="maps/a%20b%231.png" alt="a map"' in html and "data:image" not in html
    assert "img-src data: 'self' file:;" in html
    assert "img-src data:;" in alone.html()  # nothing else may be loaded by what needs nothing


def test_a_folder_of_something_else_is_not(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match=r"thesis\.txt"):
        some_page().write(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_an_older_report_is_replaced(tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.md").write_text("old")
    some_page().write(tmp_path / "report")
    assert (tmp_path / "report" / "index.md").read_text() != "old"
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "index.html",
        "index.md",
    ]
