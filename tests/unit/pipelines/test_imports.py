import pytest

from facsimile.pipelines import imports
from facsimile.pipelines.imports import closure, sources, targets


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A small package of ours."""
    monkeypatch.setattr(imports, "SOURCE", tmp_path)
    files = {
        "a": "from facsimile.data import b\nimport numpy",
        "b": "def late():\n    import facsimile.data.c\n",
        "c": "from facsimile.data.a import Circle\nfrom facsimile.errors import UserError",
        "lone": "from . import nothing",
        "cores": "",
    }
    (tmp_path / "facsimile/data").mkdir(parents=True)
    for name in ("__init__", "errors"):
        (tmp_path / f"facsimile/{name}.py").write_text("")
    (tmp_path / "facsimile/data/__init__.py").write_text('"""Data."""')
    for name, text in files.items():
        (tmp_path / f"facsimile/data/{name}.py").write_text(text)
    return tmp_path


def test_imports_are_followed_wherever_they_stand_and_in_circles(tree):
    found = closure(["facsimile.data.a"])
    assert found == {"facsimile.data", *(f"facsimile.data.{name}" for name in "abc")}


def test_files_are_sorted_and_packages_and_plumbing_are_none(tree):
    found = sources(["facsimile.data.c", "facsimile.data.lone"])
    assert [path.name for path in found] == ["a.py", "b.py", "c.py", "lone.py"]


def test_what_is_left_out_is_not_followed(tree):
    found = sources(["facsimile.data.a"], without=["facsimile.data.b"])
    assert [path.name for path in found] == ["a.py"]


def test_classes_are_found_at_any_depth_and_only_ours():
    node = {
        "_target_": "facsimile.a.A",
        "b": [{"c": {"_target_": "facsimile.b.B", "_partial_": True}}, 3, "facsimile.x.X"],
        "d": {"_target_": "torch.nn.Linear"},
        "e": {"_target_": None},
    }
    assert list(targets(node)) == ["facsimile.a.A", "facsimile.b.B"]


def test_every_plumbing_module_is_there():
    assert all(imports.module_path(name).is_file() for name in imports.PLUMBING)
