import json

import numpy as np
import pytest
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.media.image import write_image
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
    printed = capsys.readouterr().out
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
