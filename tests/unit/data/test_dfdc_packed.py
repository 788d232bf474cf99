import zipfile

import pytest
from tests import trees
from tests.cuts import Blank, Cut
from tests.trees import pack, write_json

from facsimile.data.dfdc import DfdcDataset
from facsimile.media.video import VideoError, read_frames


def listed(root):
    return {clip.clip: clip for clip in DfdcDataset(root).clips()}


def reasons(root):
    return {problem.path: problem.reason for problem in DfdcDataset(root).problems()}


@pytest.fixture
def zipped(tmp_path):
    """The two parts as they are downloaded, deflated and stored."""
    full = trees.dfdc_full(tmp_path, Blank())
    pack(full, "dfdc_train_part_00.zip", "dfdc_train_part_0", method=zipfile.ZIP_DEFLATED)
    nested = full / "dfdc_train_part_01"
    pack(nested, "x.zip").rename(full / "dfdc_train_part_01.zip")
    return full


def test_parts_that_are_still_zips(zipped, tmp_path_factory):
    plain = trees.dfdc_full(tmp_path_factory.mktemp("plain"), Blank())
    clips = list(DfdcDataset(zipped).clips())
    assert [clip.path.relative_to(zipped).as_posix() for clip in clips] == [
        *(
            f"dfdc_train_part_00.zip/dfdc_train_part_0/{n}"
            for n in ("aaa.mp4", "bbb.mp4", "ccc.MP4")
        ),
        *(f"dfdc_train_part_01.zip/dfdc_train_part_1/{n}.mp4" for n in ("ddd", "eee", "fff")),
    ]
    assert [(c.clip, c.label, c.origin, c.boxes_of) for c in clips] == [
        (c.clip, c.label, c.origin, c.boxes_of) for c in DfdcDataset(plain).clips()
    ]
    gone = "dfdc_train_part_01.zip/dfdc_train_part_1/gone.mp4"
    assert reasons(zipped) == {gone: "metadata.json lists it: it is not there"}


@pytest.mark.parametrize("folder", ["", "dfdc_train_part_00/"])
def test_a_part_of_which_some_files_are_unpacked(zipped, folder):
    with zipfile.ZipFile(zipped / "dfdc_train_part_00.zip") as archive:
        for name in ("metadata.json", "bbb.mp4"):
            archive.extract(f"dfdc_train_part_0/{name}", zipped / folder)
    clips = listed(zipped)
    assert len(clips) == 6
    assert clips["bbb"].path == zipped / folder / "dfdc_train_part_0/bbb.mp4"
    assert clips["aaa"].path == zipped / "dfdc_train_part_00.zip/dfdc_train_part_0/aaa.mp4"
    assert len(reasons(zipped)) == 1


def test_the_unpacked_part_is_taken_wherever_it_is(zipped, tmp_path):
    trees.dfdc_full(tmp_path / "z", Blank())
    clips = listed(tmp_path)
    assert {clip.path.relative_to(tmp_path).parts[0] for clip in clips.values()} == {"z"}
    assert len(clips) == 6
    assert sum("same name" in reason for reason in reasons(tmp_path).values()) == 6


def test_a_list_beside_the_archive_of_its_videos(tmp_path):
    trees.dfdc_test(tmp_path, Blank())
    pack(tmp_path / "test", "videos.zip", "videos")
    clips = listed(tmp_path)
    assert {name: c.label for name, c in clips.items()} == {"aaa": 0, "bbb": 1}
    assert reasons(tmp_path) == {}


def test_a_split_that_an_archive_is_named_for(tmp_path):
    trees.dfdc_test(tmp_path, Blank())
    pack(tmp_path / "test", "x.zip").rename(tmp_path / "validation.zip")
    assert {clip.official for clip in listed(tmp_path).values()} == {"val"}


def test_parts_that_cannot_be_read(zipped):
    (zipped / "dfdc_train_part_00.zip").write_bytes(b"PK\3\4 cut off")
    with zipfile.ZipFile(zipped / "all.zip", "w") as archive:
        archive.writestr("dfdc_train_part_02.zip", b"")
    assert set(listed(zipped)) == {"ddd", "eee", "fff"}
    told = reasons(zipped)
    assert "no zip or tar archive that can be read" in told["dfdc_train_part_00.zip"]
    assert "archive in an archive" in told["all.zip/dfdc_train_part_02.zip"]


def test_several_archives_that_hold_a_listed_video(tmp_path):
    for name in ("a.zip", "b.zip"):
        Blank().video(tmp_path / "x.mp4")
        pack(tmp_path, name, "x.mp4")
    write_json(tmp_path / "metadata.json", {"x.mp4": {"label": "FAKE"}})
    assert listed(tmp_path) == {}
    assert "may mean any of a.zip/x.mp4, b.zip/x.mp4" in reasons(tmp_path)["x.mp4"]


@pytest.mark.sample
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_packed_videos_have_the_same_frames(sample_root, tmp_path, method):
    root = trees.dfdc_full(tmp_path / "tree", Cut(sample_root, tmp_path / "cut"))
    plain = [frame.image for frame in read_frames(listed(root)["ddd"].path)]
    pack(root, "all.zip", method=method)
    clips = listed(root)
    packed = [frame.image for frame in read_frames(clips["ddd"].path)]
    assert all((a == b).all() for a, b in zip(plain, packed, strict=True))
    with pytest.raises(VideoError, match="cut off"):
        list(read_frames(clips["fff"].path))
