import contextlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from facsimile.errors import UserError
from facsimile.provenance.ca import KEY, credentials
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
    assert not found.signed_here
    assert any("mismatch" in problem for problem in found.problems)


def test_one_flipped_bit_of_the_statement_is_tampering(signed):
    content = signed.read_bytes()
    flip(signed, content.index(b"synthetic", content.index(SYNTHESIS.encode())) + 2)
    assert read(signed).status == "tampered"


def test_what_this_machine_signed_is_told(signed):
    found = read(signed)
    assert (found.status, found.signed_here, found.problems) == ("valid", True, ())


def test_changed_and_signed_anew_elsewhere_is_valid_and_not_signed_here(
    signed, unsigned, claim, tmp_path, monkeypatch
):
    forged = tmp_path / f"forged{unsigned.suffix}"
    with monkeypatch.context() as context:
        # an authority that bears the same names as ours
        context.setenv("FACSIMILE_HOME", str(tmp_path / "forger"))
        sign(unsigned, forged, replace(claim, consent="never asked", ingredients=(signed,)))
        sign(signed, signed, replace(claim, consent="never asked"))
    for path in (forged, signed):
        found = read(path)
        assert (found.status, found.signed_here) == ("valid", False)
        assert found.problems == ("signingCredential.untrusted",)


def test_our_certificates_without_our_key_are_worth_nothing(unsigned, claim, own_home, tmp_path):
    credentials()
    another = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (own_home / "ca" / KEY).write_bytes(another)
    output = tmp_path / f"signed{unsigned.suffix}"
    with contextlib.suppress(UserError):  # c2pa may refuse to sign with what does not fit
        sign(unsigned, output, claim)
    assert not output.exists() or not read(output).signed_here


def test_reading_makes_no_authority(signed, tmp_path, monkeypatch):
    monkeypatch.setenv("FACSIMILE_HOME", str(tmp_path / "none"))
    found = read(signed)
    assert (found.status, found.signed_here) == ("valid", False)
    assert not (tmp_path / "none").exists()


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
