import json
from fractions import Fraction

import numpy as np
import pytest
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.media.files import sha256
from facsimile.media.image import write_image
from facsimile.media.video import VideoWriter, read_frames
from facsimile.pipelines.verify import run
from facsimile.provenance.sign import Claim, sign


@pytest.fixture
def signed(tmp_path, monkeypatch):
    monkeypatch.setenv("FACSIMILE_HOME", str(tmp_path / "home"))
    write_image(tmp_path / "plain.png", np.zeros((32, 32, 3), np.uint8))
    claim = Claim("swap", "a on b", "swap_df", "0" * 64, ("a",), "agreed")
    sign(tmp_path / "plain.png", tmp_path / "signed.png", claim)
    return tmp_path / "signed.png"


def verify(path, output=None):
    run(OmegaConf.create({"input": path and str(path), "output": output and str(output)}))


def test_a_valid_file_is_printed_as_json(signed, capsys, tmp_path):
    verify(signed, tmp_path / "out" / "verdict.json")
    printed, told = capsys.readouterr()
    assert told == f"{signed}: valid, signed here; it says that it is synthetic (swap)\n"
    found = json.loads(printed)
    assert (found["status"], found["signed_here"]) == ("valid", True)
    assert "a on b" in printed
    assert json.loads((tmp_path / "out" / "verdict.json").read_text()) == found


def test_another_machines_signature_is_valid_and_not_signed_here(
    signed, capsys, tmp_path, monkeypatch
):
    monkeypatch.setenv("FACSIMILE_HOME", str(tmp_path / "another"))
    verify(signed)
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["signed_here"]) == ("valid", False)


@pytest.fixture
def clip(signed, tmp_path):
    """A signed clip of noise with a target video, as `render` writes it."""
    frames = np.random.default_rng(0).integers(0, 256, (10, 48, 64, 3), np.uint8)
    for name in ("target", "plain"):
        with VideoWriter(tmp_path / f"{name}.mp4", 64, 48, Fraction(25)) as writer:
            for frame in frames:
                writer.write(frame)
    target = tmp_path / "target.mp4"
    claim = Claim("swap", "a on b", "swap_df", "12" * 32, ("d/a", "d/b"), "agreed", (target,))
    sign(tmp_path / "plain.mp4", tmp_path / "swap.mp4", claim)
    return tmp_path / "swap.mp4"


def code_of(path) -> int:
    try:
        verify(path)
    except SystemExit as stopped:
        return stopped.code
    return 0


def test_what_a_clip_says_is_printed(clip, tmp_path, capsys):
    assert code_of(clip) == 0
    found = json.loads(capsys.readouterr().out)
    said = json.dumps(found["manifest"])
    assert sha256(tmp_path / "target.mp4") in said
    for word in ("12" * 32, '"d/a", "d/b"', "compositeWithTrainedAlgorithmicMedia", "agreed"):
        assert word in said


def test_a_clip_with_another_picture_is_tampered(clip, capsys):
    content = bytearray(clip.read_bytes())
    content[content.index(b"mdat") + 3000] ^= 0xFF
    clip.write_bytes(content)
    assert code_of(clip) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "tampered"
    assert any("mismatch" in problem for problem in found["problems"])


def test_a_clip_with_another_statement_is_tampered(clip, capsys):
    clip.write_bytes(clip.read_bytes().replace(b"agreed", b"argued"))
    assert code_of(clip) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "tampered"


def test_a_clip_encoded_again_has_lost_its_signature(clip, tmp_path):
    again = tmp_path / "again.mp4"
    with VideoWriter(again, 64, 48, Fraction(25)) as writer:
        for frame in read_frames(clip):
            writer.write(frame.image)
    assert code_of(again) == 3


def test_tampered_is_exit_code_1(signed, capsys):
    content = bytearray(signed.read_bytes())
    content[content.rindex(b"IDAT") + 8] ^= 1
    signed.write_bytes(content)
    with pytest.raises(SystemExit) as stopped:
        verify(signed)
    assert stopped.value.code == 1
    assert json.loads(capsys.readouterr().out)["status"] == "tampered"


def test_unsigned_is_exit_code_3(signed, capsys, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        verify(tmp_path / "plain.png")
    assert stopped.value.code == 3
    assert json.loads(capsys.readouterr().out)["status"] == "unsigned"


def test_no_input_says_what_to_give():
    with pytest.raises(UserError, match="input="):
        verify(None)
