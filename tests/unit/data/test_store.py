import tarfile

import pytest

from facsimile.data.store import loose, shard


def test_loose_pictures_lie_below_images(tmp_path):
    with loose(tmp_path) as keep:
        assert keep("clip/000001.png", b"one") == "images/clip/000001.png"
    assert (tmp_path / "images/clip/000001.png").read_bytes() == b"one"


def test_a_shard_is_a_tar_of_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        with shard(tmp_path / name, "batch") as keep:
            assert keep("clip/0.png", b"one") == "shards/batch.tar/clip/0.png"
            keep("clip/1.png", b"two" * 1000)
    first, second = ((tmp_path / name / "shards/batch.tar").read_bytes() for name in ("a", "b"))
    assert first == second
    with tarfile.open(tmp_path / "a/shards/batch.tar") as tar:
        assert tar.getnames() == ["clip/0.png", "clip/1.png"]
        assert tar.extractfile("clip/1.png").read() == b"two" * 1000


def test_no_picture_no_shard(tmp_path):
    with shard(tmp_path, "batch"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_broken_off_shard_is_not_there(tmp_path):
    with pytest.raises(OSError, match="full"), shard(tmp_path, "batch") as keep:
        keep("a.png", b"one")
        raise OSError("full")
    assert not list((tmp_path / "shards").iterdir())
