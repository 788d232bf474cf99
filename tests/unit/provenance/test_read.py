import pytest

from facsimile.errors import UserError
from facsimile.provenance.read import read
from facsimile.provenance.sign import SYNTHESIS, sign

MEDIA = {".mp4": b"mdat", ".png": b"IDAT", ".jpg": b"\xff\xda"}


@pytest.fixture
def signed(unsigned, claim, tmp_path):
    output = tmp_path / f"signed{unsigned.suffix}"
    sign(unsigned, output, claim)
    return output


def flip(path, offset):
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


def test_an_unsigned_file(unsigned):
    assert read(unsigned).status == "unsigned"


def test_one_flipped_bit_of_the_media_is_tampering(signed):
    flip(signed, signed.read_bytes().rindex(MEDIA[signed.suffix]) + 40)
    found = read(signed)
    assert found.status == "tampered"
    assert not found.trusted
    assert any("mismatch" in problem for problem in found.problems)


def test_one_flipped_bit_of_the_statement_is_tampering(signed):
    content = signed.read_bytes()
    flip(signed, content.index(b"synthetic", content.index(SYNTHESIS.encode())) + 2)
    assert read(signed).status == "tampered"


@pytest.mark.parametrize("share", [0.5, 0.8, 0.99])
def test_a_cut_file_is_never_valid(signed, share):
    content = signed.read_bytes()
    signed.write_bytes(content[: int(len(content) * share)])
    try:
        status = read(signed).status
    except UserError:
        status = "unreadable"
    assert status != "valid"


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "a.txt").write_text("text")
    for name in ("absent.mp4", "empty.mp4", "a.txt"):
        with pytest.raises(UserError, match=name):
            read(tmp_path / name)
