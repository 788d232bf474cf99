import os
import tarfile
import zipfile

import pytest
from tests import trees
from tests.cuts import Blank, Cut

from facsimile.data.folder import FolderDataset
from facsimile.errors import UserError
from facsimile.media.image import read_image
from facsimile.media.video import probe


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


def test_folders_whose_short_names_are_alike_are_clips_of_their_own(tmp_path):
    root = tmp_path / "tree"
    files = ("a/b/1.jpg", "a_b/1.jpg", "c/d/1.jpg", "tree/1.jpg", "tree-2/1.jpg", "top.jpg")
    for name in files:
        Blank().photo(root / name)
    clips, _ = entries(root)
    assert {path: clip.clip for path, clip in clips.items()} == {
        "a/b/1.jpg": "a/b",
        "a_b/1.jpg": "a_b",
        "c/d/1.jpg": "c_d",  # there is no other
        "tree/1.jpg": "tree",
        "tree-2/1.jpg": "tree-2",
        "top.jpg": "tree-3",
    }


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


@pytest.mark.parametrize("given", ["", "broken.zip"])
def test_nothing_but_a_broken_archive(tmp_path, given):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing more")
    found = FolderDataset(tmp_path / given).entries()
    problem = next(found)
    with pytest.raises(UserError, match="no video and no image") as error:
        next(found)
    assert str(error.value).startswith(str(tmp_path / given))
    assert f"the first problem: broken.zip: {problem.reason}" in str(error.value)


@pytest.fixture
def labelled(tmp_path):
    return trees.folder(tmp_path / "tree", Blank())


def entries(root, **knobs):
    dataset = FolderDataset(root, **knobs)
    clips = {clip.path.relative_to(dataset.root).as_posix(): clip for clip in dataset.clips()}
    return clips, {problem.path: problem.reason for problem in dataset.problems()}


def test_labels_and_subjects_from_a_pattern(labelled):
    clips, problems = entries(labelled, pattern="**/{label}/{subject}/{name}", name="mine")
    assert {path: (c.label, c.subject, c.kind) for path, c in clips.items()} == {
        "FAKE/anna/a.mp4": (1, "anna", "video"),
        "FAKE/jürgen/1.jpg": (1, "jürgen", "image"),
        "more.zip/real/cap/2.jpg": (0, "cap", "image"),
        "more.zip/real/cap/b.mp4": (0, "cap", "video"),
        "real/anna/a.mp4": (0, "anna", "video"),
        "real/jürgen/1.JPG": (0, "jürgen", "image"),
    }
    assert {clip.dataset for clip in clips.values()} == {"mine"}
    assert len({clip.clip for clip in clips.values()}) == 6
    assert problems == {}


def test_what_a_pattern_does_not_match_is_told(labelled):
    clips, problems = entries(labelled, pattern="{label}/anna/{name}")
    assert set(clips) == {"real/anna/a.mp4", "FAKE/anna/a.mp4"}
    assert len(problems) == 4


def test_labels_from_a_table(labelled):
    rows = ["path,label,split,origin", "real/anna/a.mp4,real,train,o", "FAKE/anna/a.mp4,1,train,o"]
    (labelled / "labels.csv").write_text("\n".join([*rows, "more.zip/real/cap/b.mp4,0,test,"]))
    clips, problems = entries(labelled, table="labels.csv")
    assert {path: (c.label, c.official, c.origin, c.subject) for path, c in clips.items()} == {
        "FAKE/anna/a.mp4": (1, "train", "o", ""),
        "more.zip/real/cap/b.mp4": (0, "test", "", ""),
        "real/anna/a.mp4": (0, "train", "o", ""),
    }
    assert len(problems) == 3
    with pytest.raises(UserError, match="pattern and a table"):
        FolderDataset(labelled, pattern="{name}", table="labels.csv")
    with pytest.raises(UserError, match=r"table=gone.csv: it cannot be read"):
        list(FolderDataset(labelled, table="gone.csv").clips())


@pytest.mark.parametrize("ending", [".zip", ".TAR"])
def test_an_archive_as_the_root(tmp_path, ending):
    names = ("a.mp4", "x/B.PNG", "x/.hidden.png", "__MACOSX/a.mp4", "notes.txt", "../out.mp4")
    archive = pack(tmp_path / f"faces{ending}", names)
    clips, problems = entries(archive)
    assert set(clips) == {f"{archive.name}/a.mp4", f"{archive.name}/x/B.PNG"}
    assert {clip.subject for clip in clips.values()} == {"faces", "x"}
    assert list(problems) == [f"{archive.name}/../out.mp4"]
    assert "outside its folder" in problems[f"{archive.name}/../out.mp4"]


@pytest.mark.parametrize("ending", [".tar.gz", ".TGZ"])
def test_an_archive_that_is_compressed_as_a_whole(tmp_path, ending):
    archive = pack(tmp_path / f"faces{ending}", ["a.mp4"])
    with pytest.raises(UserError, match="compressed as a whole.* unpack it first"):
        entries(archive)


@pytest.mark.parametrize("ending", [".zip", ".tar"])
def test_unpacking_an_archive_renames_nothing(tmp_path, ending):
    names = ("b.mp4", "x/a.mp4", "x/1.png", "x/2.png", "y/1.png", "3.png")
    pack(tmp_path / f"packed/more{ending}", names)
    for name in names:
        (tmp_path / "plain/more" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "plain/more" / name).write_bytes(b"")
    packed, plain = (entries(tmp_path / one, name="n")[0] for one in ("packed", "plain"))
    assert [(c.clip, c.frame, c.subject) for c in packed.values()] == [
        (c.clip, c.frame, c.subject) for c in plain.values()
    ]


def test_labels_of_an_archive_that_is_named_for_one(tmp_path):
    for name in ("real", "fake"):
        pack(tmp_path / f"{name}.zip", ["a.mp4"])
    clips, _ = entries(tmp_path, pattern="{label}/{name}")
    assert {path: clip.label for path, clip in clips.items()} == {
        "real.zip/a.mp4": 0,
        "fake.zip/a.mp4": 1,
    }
    (tmp_path / "labels.csv").write_text("path,label\nreal/a.mp4,0\nfake.zip/a.mp4,1\n")
    clips, problems = entries(tmp_path, table="labels.csv")
    assert [clip.label for clip in clips.values()] == [1, 0] and not problems


def pack(path, names):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"")
    else:
        with tarfile.open(path, "w:gz" if "gz" in path.suffix.lower() else "w") as archive:
            for name in names:
                archive.addfile(tarfile.TarInfo(name))
    return path


def test_damaged_archives_and_repeated_members(tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing more")
    with pytest.warns(UserWarning, match="Duplicate"):
        pack(tmp_path / "twice.zip", ("a.mp4", "a.mp4"))
    clips, problems = entries(tmp_path)
    assert set(clips) == {"twice.zip/a.mp4"}
    assert set(problems) == {"broken.zip", "twice.zip/a.mp4"}
    assert str(tmp_path) not in problems["broken.zip"]


def test_links(tmp_path):
    root, outside = tmp_path / "in", tmp_path / "out"
    for path in (root / "a.mp4", outside / "b.mp4"):
        Blank().video(path)
    (root / "to_file.mp4").symlink_to(root / "a.mp4")
    (root / "to_nothing.mp4").symlink_to(root / "gone.mp4")
    (root / "to_outside.mp4").symlink_to(outside / "b.mp4")
    (root / "to_folder").symlink_to(outside)
    (root / "to_itself").symlink_to(root)
    clips, problems = entries(root)
    assert set(clips) == {"a.mp4", "to_file.mp4"}
    assert set(problems) == {"to_nothing.mp4", "to_outside.mp4", "to_folder", "to_itself"}
    (tmp_path / "link").symlink_to(root)
    assert set(entries(tmp_path / "link")[0]) == {"a.mp4", "to_file.mp4"}


def test_a_name_that_is_no_utf_8(tmp_path):
    Blank().video(tmp_path / "a.mp4")
    (tmp_path / os.fsdecode(b"\xff.mp4")).write_bytes(b"")
    clips, problems = entries(tmp_path)
    assert set(clips) == {"a.mp4"}
    assert problems == {"\ufffd.mp4": "its name is not UTF-8: rename it"}


@pytest.mark.sample
def test_real_files(sample_root, tmp_path):
    trees.folder(tmp_path / "tree", Cut(sample_root, tmp_path / "cut"))
    clips, _ = entries(tmp_path / "tree", pattern="**/{label}/{subject}/{name}")
    assert probe(clips["real/anna/a.mp4"].path).has_audio
    assert read_image(clips["real/jürgen/1.JPG"].path).shape == (300, 400, 3)


def test_only_files_of_the_types_that_are_asked_for(tmp_path):
    for name in ("a.JPG", "b.jpeg", "c.png", "d.mp4", "e.mov"):
        (tmp_path / name).write_bytes(b"x")

    def names(*types):
        return sorted(clip.path.name for clip in FolderDataset(tmp_path, file_types=types).clips())

    assert names("jpg") == ["a.JPG", "b.jpeg"]
    assert names("png", "mp4") == ["c.png", "d.mp4", "e.mov"]
    with pytest.raises(UserError, match="no file type exe"):
        names("exe")
    with pytest.raises(UserError, match="no video and no image"):
        names("webp")


def test_pictures_that_are_crops_are_kept_as_such(tmp_path):
    for name in ("a.png", "d.mp4"):
        (tmp_path / name).write_bytes(b"x")
    crops = {clip.path.name: clip.cropped for clip in FolderDataset(tmp_path, crop="no").clips()}
    assert crops == {"a.png": True, "d.mp4": False}
    assert not any(clip.cropped for clip in FolderDataset(tmp_path, crop=64).clips())
