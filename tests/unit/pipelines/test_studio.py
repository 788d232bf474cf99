"""The command: what it gives the studio, and that it answers."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from facsimile.data.description import DataSetDescription
from facsimile.errors import UserError
from facsimile.pipelines import studio as command
from facsimile.pipelines.cli import main

ROOT = Path(__file__).resolve().parents[3]
STATED = {"kind": "folder", "licence": "made for this test", "consent": "nobody is shown"}


@pytest.fixture
def given(tmp_path, monkeypatch):
    """The settings that `facsimile studio` makes of its arguments."""

    def give(*arguments):
        seen = []
        monkeypatch.setattr(command, "run", lambda cfg: seen.append(command.studio_settings(cfg)))
        monkeypatch.setenv("FACSIMILE_LOCAL", str(tmp_path / "local"))
        (tmp_path / "local").mkdir(exist_ok=True)
        assert main(["studio", f"paths.data={tmp_path}", *arguments]) == 0
        return seen[0]

    return give


def test_settings_come_from_the_configuration(given, tmp_path, monkeypatch):
    monkeypatch.setenv(command.TOKEN, "a secret")
    found = given("port=9123", "host=192.0.2.1", f"studio.roots=[{tmp_path}/srv]")
    assert (found.port, found.host, found.token) == (9123, "192.0.2.1", "a secret")
    assert (found.raw, found.folder) == (tmp_path / "raw", tmp_path / "studio")
    assert found.roots == (tmp_path / "srv",)
    assert {"sample", "dfdc", "folder"} <= found.reserved
    assert (found.side, found.coverage) == (128, 1.35)


def test_names_that_may_be_chosen_are_those_of_the_configuration(given, tmp_path):
    (tmp_path / "local/degradation").mkdir(parents=True)
    for name in ("own", "mine_chain"):
        text = "_target_: facsimile.degradations.blur.Blur\nsigma: [1.0, 1.0]\n"
        (tmp_path / f"local/degradation/{name}.yaml").write_text(text)
    tools = given().tools
    assert set(tools.detectors) == {p.stem for p in (ROOT / "conf/detector").glob("*.yaml")}
    ours = {path.stem for path in (ROOT / "conf/degradation").glob("*.yaml")}
    assert set(tools.degradations) == ours | {"own"}
    names = {model.architecture for model in tools.models.models()}
    assert {path.stem for path in (ROOT / "conf/model").glob("*.yaml")} <= names


def test_a_file_by_hand_is_composed_and_a_wrong_one_is_told(tmp_path, monkeypatch):
    from facsimile.pipelines.cli import main

    seen = []

    def read(cfg):
        settings = command.studio_settings(cfg)
        for name in ("lab", "broken"):
            try:
                seen.append(DataSetDescription(**settings.compose(name)))
            except UserError as error:
                seen.append(str(error))

    folder = tmp_path / "local/data"
    folder.mkdir(parents=True)
    (folder / "lab.yaml").write_text("defaults: [dfdc]\nname: lab\nroot: /srv/dfdc\n")
    (folder / "broken.yaml").write_text("defaults: [nothing]\n")
    monkeypatch.setattr(command, "run", read)
    monkeypatch.setenv("FACSIMILE_LOCAL", str(tmp_path / "local"))
    assert main(["studio", f"paths.data={tmp_path}"]) == 0
    assert (seen[0].kind, seen[0].root) == ("dfdc", "/srv/dfdc")
    assert "nothing" in seen[1]


def test_the_command_serves_and_what_is_saved_is_used(tmp_path):
    """From the API to the command line: `facsimile data-check data=NAME`."""
    from tests.made_studio import write_pictures

    write_pictures(tmp_path / "data/raw/mine")
    (tmp_path / "local").mkdir()
    run = "import sys; from facsimile.pipelines.cli import console; sys.exit(console())"
    kept = {"FACSIMILE_LOCAL": str(tmp_path / "local"), "PYTHONPATH": str(ROOT / "src")}
    start = [sys.executable, "-c", run]
    where = f"paths.data={tmp_path}/data"
    port = _free_port()
    server = subprocess.Popen(
        [*start, "studio", f"port={port}", where], cwd=ROOT, env=os.environ | kept,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout.readline().startswith(f"the studio is at http://127.0.0.1:{port}/")
        said = {"name": "mine", "root": str(tmp_path / "data/raw/mine"), **STATED}
        answer = _asked(f"http://127.0.0.1:{port}/api/v1/datasets", said)
        assert answer.status_code == 201, answer.text
        check = [*start, "data-check", "data=mine", where, f"output={tmp_path}/found.json"]
        done = subprocess.run(
            check, cwd=ROOT, env=os.environ | kept, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert '"clips": 3' in (tmp_path / "found.json").read_text()
    finally:
        server.terminate()
        server.wait(20)


def test_a_port_in_use_is_named(capsys, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["studio", f"port={port}", f"paths.data={tmp_path}"]) == 2
    told, refused = capsys.readouterr()
    assert told == ""  # of no address that is another's
    assert f"port {port} of 127.0.0.1" in refused and f"port={port + 1}" in refused


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _asked(url, said):
    for _ in range(200):
        try:
            return httpx.post(url, json=said, timeout=20)
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError("it does not answer")
