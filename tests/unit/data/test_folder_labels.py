import pytest

from facsimile.data.folder_labels import PathPattern, Said, Table
from facsimile.data.lists import ListError
from facsimile.errors import UserError


@pytest.mark.parametrize(
    ("pattern", "file", "said"),
    [
        ("{label}/{name}", "Real/a.JPG", Said(0)),
        ("{label}/{name}", "1/ä ö.mp4", Said(1)),
        ("{split}/{label}/{subject}/{name}", "Validation/fake/x/a.b.png", Said(1, "x", "val")),
        ("**/{label}_{origin}_{name}", "a/b/fake_film_7.png", Said(1, "", "", "film")),
        ("**/{label}_{origin}_{name}", "real_film_7.png", Said(0, "", "", "film")),
        ("Data/*/{label}/{name}", "data/anything/real/a.mp4", Said(0)),
        ("{subject}/{name}", "anna/a.mp4", Said(0, "anna")),
        ("{name}.{label}", "photo.fake.png", Said(1)),
    ],
)
def test_patterns(pattern, file, said):
    assert PathPattern(pattern).of(file) == said


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("real/anna/x/a.mp4", "does not match"),
        ("a.mp4", "does not match"),
        ("genuine/anna/a.mp4", "'genuine': give real, fake, 0 or 1"),
    ],
)
def test_paths_that_say_nothing(file, reason):
    assert reason in PathPattern("{label}/{subject}/{name}").of(file)


@pytest.mark.parametrize("pattern", ["{person}/{name}", "{label}/{label}", "{}/{name}"])
def test_patterns_that_cannot_be_meant(pattern):
    with pytest.raises(UserError, match="once at most"):
        PathPattern(pattern)


def test_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "\ufeffpath,label,subject,split,origin\n"
        "a.mp4, FAKE,anna,valid,film\n"
        "./b/ü.png,0\n"
        '"c, d.png",maybe,,\n'
        "e.png,1,,someday,\n"
        "a.mp4,0,,,\n"
        "gone.mp4,1,,,\n",
        encoding="utf-8",
    )
    table = Table(path)
    assert table.of("a.mp4") == Said(1, "anna", "val", "film")
    assert table.of("b/ü.png") == Said(0)
    assert "'maybe'" in table.of("c, d.png")
    assert "'someday'" in table.of("e.png")
    assert "does not list it" in table.of("f.png")
    assert [problem.path for problem in table.problems()] == ["t.csv#6", "gone.mp4"]


@pytest.mark.parametrize("content", [b"file,label\n", b"", b"path,label\n\xff\xfe,1\n"])
def test_tables_that_cannot_be_read(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(ListError):
        Table(tmp_path / "t.csv")
