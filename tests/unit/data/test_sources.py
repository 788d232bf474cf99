import hashlib

import pytest
import yaml

from facsimile.data.packages import Package
from facsimile.data.sources import Piece, fingerprint, install, pieces, write_note
from facsimile.errors import UserError
from facsimile.media.archive import ArchiveError

MEMBERS = {"toy/clip.mp4": b"film", "toy/orl/s1/1.pgm": b"one", "toy/orl/s2/1.pgm": b"two"}


def digest(content):
    return hashlib.sha256(content).hexdigest()


def tree_digest():
    lines = f"s1/1.pgm {digest(b'one')}\ns2/1.pgm {digest(b'two')}\n"
    return digest(lines.encode())


CLIP = Piece("toy", "toy/clip.mp4", "clips/ü.mp4", digest(b"film"))
TREE = Piece("toy", "toy/orl/*/*.pgm", "orl", tree_digest())


@pytest.fixture
def asked():
    return []


@pytest.fixture
def archive(tmp_path, wheel, asked):
    path = wheel(tmp_path, MEMBERS)

    def give(package):
        asked.append(package)
        return path

    return give


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "note" / "sources.yaml"
    path.parent.mkdir()
    path.write_text("toy: {}\n")
    return path


def test_installs_files_folders_and_the_note(tmp_path, archive, note):
    root = tmp_path / "root"
    assert install(root, [CLIP, TREE], archive, note) == 2
    found = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    assert found == {"clips/ü.mp4", "orl/s1/1.pgm", "orl/s2/1.pgm", "sources.yaml"}


def test_what_is_there_is_kept(tmp_path, archive, note, asked):
    root = tmp_path / "root"
    install(root, [CLIP, TREE], archive, note)
    before = len(asked)
    assert install(root, [CLIP, TREE], archive, note) == 0
    assert len(asked) == before


@pytest.mark.parametrize("broken", ["clips/ü.mp4", "orl/s2/1.pgm"])
def test_only_what_is_damaged_is_unpacked_again(tmp_path, archive, note, broken):
    root = tmp_path / "root"
    install(root, [CLIP, TREE], archive, note)
    (root / broken).write_bytes(b"half")
    assert install(root, [CLIP, TREE], archive, note) == 1
    assert CLIP.is_in(root)
    assert TREE.is_in(root)


def test_a_strange_file_in_a_folder_is_removed(tmp_path, archive, note):
    root = tmp_path / "root"
    install(root, [TREE], archive, note)
    (root / "orl" / "s1" / "99.pgm").write_bytes(b"foreign")
    assert install(root, [TREE], archive, note) == 1
    assert not (root / "orl" / "s1" / "99.pgm").exists()


def test_a_changed_note_is_written_without_unpacking(tmp_path, archive, note):
    root = tmp_path / "root"
    install(root, [CLIP], archive, note)
    note.write_text("toy: {licence: new}\n")
    assert install(root, [CLIP], archive, note) == 0
    assert "new" in (root / "sources.yaml").read_text()


def test_unpinned_bytes_leave_the_folder_as_it_was(tmp_path, archive, note):
    root = tmp_path / "root"
    install(root, [CLIP], archive, note)
    wrong = Piece("toy", "toy/clip.mp4", "clips/b.mp4", digest(b"other"))
    with pytest.raises(UserError, match="not the file that was pinned"):
        install(root, [CLIP, wrong], archive, note)
    assert {p.name for p in root.rglob("*.mp4")} == {"ü.mp4"}


def test_a_member_that_is_not_there(tmp_path, archive, note):
    with pytest.raises(ArchiveError, match="absent"):
        install(tmp_path / "root", [Piece("toy", "absent", "a", "0")], archive, note)


def test_fingerprint_of_nothing(tmp_path):
    assert fingerprint(tmp_path / "absent") is None


def test_the_note_names_package_and_hashes(tmp_path):
    described = {
        "man": {
            "package": "toy",
            "licence": "own",
            "files": [{"member": "m", "path": "p", "sha256": "s"}],
        }
    }
    write_note(tmp_path / "n.yaml", described, {"toy": Package("npm", "toy", "1.0", "abc")})
    found = yaml.safe_load((tmp_path / "n.yaml").read_text())["man"]
    assert (found["package"], found["version"], found["sha256"]) == ("toy@1.0", "1.0", "abc")
    assert found["licence"] == "own"
    assert pieces(described) == [Piece("toy", "m", "p", "s")]
