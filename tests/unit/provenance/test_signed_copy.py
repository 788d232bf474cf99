import pytest

from facsimile.provenance.signed_copy import signed_copy


def test_only_the_signed_file_appears(tmp_path):
    path = tmp_path / "new" / "a.mp4"
    with signed_copy(path, lambda source, target: target.write_bytes(source.read_bytes() + b"+")):
        pass_through = next((tmp_path / "new").iterdir()) / "a.mp4"
        pass_through.write_bytes(b"video")
        assert not path.exists()
    assert path.read_bytes() == b"video+"
    assert list((tmp_path / "new").iterdir()) == [path]


def test_nothing_is_signed_when_the_work_fails(tmp_path):
    signed = []
    with (
        pytest.raises(OSError, match="disk"),
        signed_copy(tmp_path / "a.mp4", lambda *paths: signed.append(paths)) as unsigned,
    ):
        unsigned.write_bytes(b"half")
        raise OSError("disk full")
    assert signed == []
    assert list(tmp_path.iterdir()) == []
