import pytest

from facsimile.data.folder import FolderDataset
from facsimile.errors import UserError


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "meine Köpfe"
    names = ["b.mp4", "b.mkv", "anna/1.PNG", "anna/2.jpg", "anna/x/t.mov", "top.png", "notes.txt"]
    for name in [*names, ".hidden/c.mp4", ".d.mp4"]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def test_clips_of_a_folder(folder):
    dataset = FolderDataset(folder)
    found = [
        (c.path.relative_to(folder).as_posix(), c.clip, c.subject, c.kind, c.frame)
        for c in dataset.clips()
    ]
    assert found == [
        ("anna/x/t.mov", "anna_x_t", "x", "video", 0),
        ("b.mkv", "b", "b", "video", 0),
        ("b.mp4", "b.mp4", "b", "video", 0),
        ("anna/1.PNG", "anna", "anna", "image", 0),
        ("anna/2.jpg", "anna", "anna", "image", 1),
        ("top.png", "meine Köpfe", "top", "image", 0),
    ]
    assert {clip.dataset for clip in dataset.clips()} == {"meine Köpfe"}
    assert dataset.root == folder


def test_every_clip_has_a_name_of_its_own(tmp_path):
    for name in ("x/a.mp4", "x_a.mkv", "x_a.mp4", "y/1.png", "y.mp4", "y/z/1.png", "y_z/1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    clips = list(FolderDataset(tmp_path).clips())
    assert len({(clip.clip, clip.frame) for clip in clips}) == 7
    videos = {clip.clip for clip in clips if clip.kind == "video"}
    assert len(videos) == 4 and not videos & {c.clip for c in clips if c.kind == "image"}


def test_one_file_is_taken_as_it_is(folder):
    (clip,) = FolderDataset(folder / "notes.txt").clips()
    assert (clip.kind, clip.clip, clip.subject) == ("video", "notes", "notes")
    (image,) = FolderDataset(folder / "top.png").clips()
    assert (image.kind, image.clip, image.subject, image.dataset) == ("image", "top", "top", "top")


def test_nothing_there(tmp_path):
    with pytest.raises(UserError, match="gone"):
        FolderDataset(tmp_path / "gone")
    with pytest.raises(UserError, match="no video and no image"):
        list(FolderDataset(tmp_path).clips())
