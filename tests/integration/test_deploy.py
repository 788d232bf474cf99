"""What stands under deploy/: as far as it can be checked without a cloud or a container engine."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
TERRAFORM = {p.name: p.read_text() for p in sorted((DEPLOY / "terraform").glob("*.tf"))}
ALL = "\n".join(re.sub(r"(^|\s)#.*", "", text) for text in TERRAFORM.values())
SECRET = re.compile(r"(password|secret|access_key|token)\w*\s*[=:]\s*\"[^\"$]", re.IGNORECASE)


def pins(path):
    """Name, version and marker of every requirement of a lock."""
    lines = (line for line in path.read_text().splitlines() if "==" in line)
    made = (Requirement(line.rstrip("\\ ")) for line in lines)
    return {(one.name, str(one.specifier), str(one.marker)) for one in made}


def test_every_variable_is_declared_and_used():
    declared = set(re.findall(r'^variable "(\w+)"', ALL, re.MULTILINE))
    assert declared and set(re.findall(r"\bvar\.(\w+)", ALL)) == declared


def test_everything_referred_to_is_there():
    kinds = re.findall(r'^(resource|data) "(\w+)" "(\w+)"', ALL, re.MULTILINE)
    known = {("data." if kind == "data" else "") + f"{what}.{name}" for kind, what, name in kinds}
    without = re.sub(r'^(resource|data) ".*', "", ALL, flags=re.MULTILINE)
    used = set(re.findall(r"(?:data\.)?\baws_\w+\.\w+", without))
    assert len(known) > 20 and used <= known


def test_nothing_secret_stands_in_clear():
    for path in [*DEPLOY.rglob("*.tf"), *DEPLOY.rglob("*.yaml"), *DEPLOY.rglob("*.env")]:
        assert not SECRET.search(path.read_text()), path
    assert re.findall(r"manage_master_user_password\s*=\s*true", ALL)
    example = (DEPLOY / "example.env").read_text()
    assert set(re.findall(r"^\w+=(.*)$", example, re.MULTILINE)) == {""}


def test_buckets_are_private_encrypted_and_versioned():
    for part in ("public_access_block", "server_side_encryption_configuration", "versioning"):
        [block] = re.findall(
            rf'resource "aws_s3_bucket_{part}" "data" {{(.*?)^}}', ALL, re.M | re.S
        )
        assert re.search(r"for_each\s*=\s*aws_s3_bucket.data", block), part
    assert (
        len(re.findall(r"= false", re.search(r"public_access_block.*?^}", ALL, re.M | re.S)[0]))
        == 0
    )


@pytest.mark.skipif(not shutil.which("terraform"), reason="there is no terraform")
def test_terraform_validates(tmp_path):
    """The provider comes from where the machine has it: TF_CLI_ARGS_init=-plugin-dir=FOLDER."""
    for name, text in TERRAFORM.items():
        (tmp_path / name).write_text(text)
    environment = {k: v for k, v in os.environ.items() if k != "TF_CLI_CONFIG_FILE"}

    def terraform(*words):
        return subprocess.run(
            ["terraform", *words], cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    assert terraform("fmt", "-check").returncode == 0
    if terraform("init", "-backend=false", "-input=false").returncode:
        pytest.skip("the AWS provider is not to be had here")
    done = terraform("validate", "-no-color")
    assert done.returncode == 0, done.stderr


def test_the_server_s_lock_is_part_of_the_project_s():
    whole, part = pins(ROOT / "requirements.lock"), pins(DEPLOY / "mlflow/requirements.lock")
    assert part <= whole
    assert {"mlflow", "psycopg2-binary", "boto3"} <= {name for name, *_ in part}
    assert "torch" not in {name for name, *_ in part}


def test_the_server_s_lock_is_complete():
    """Whatever its packages need on Linux, Python 3.11 is in it: hashes are asked of everything."""
    from importlib.metadata import requires

    there = {
        name.lower().replace("_", "-") for name, *_ in pins(DEPLOY / "mlflow/requirements.lock")
    }
    for name in there:
        for need in map(Requirement, requires(name) or []):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                assert need.name.lower().replace("_", "-").replace(".", "-") in there, (name, need)


def test_the_server_is_started_on_the_database_it_is_told_of(monkeypatch):
    from sqlalchemy import make_url

    spec = importlib.util.spec_from_file_location("serve", DEPLOY / "mlflow/serve.py")
    serve = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(serve)
    told = {"DATABASE_HOST": "db", "DATABASE_PASSWORD": "a/b@c:d %?", "ARTIFACTS": "s3://artifacts"}
    environment = serve.environment(told | {"ALLOWED_HOSTS": "runs.example.org"})
    address = make_url(environment["MLFLOW_BACKEND_STORE_URI"])
    assert (address.password, address.host) == ("a/b@c:d %?", "db")
    assert environment["MLFLOW_SERVER_ALLOWED_HOSTS"] == "runs.example.org"
    assert not any("a/b" in word for word in serve.COMMAND)


def test_the_local_server_is_reached_from_this_machine_alone():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)
    images = [service["image"] for service in services.values() if "image" in service]
    assert all(":" in image and not image.endswith(":latest") for image in images)
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert asked == set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("Containerfile")), ids=str)
def test_images_are_of_pinned_packages_and_another_user_than_root(path):
    text = path.read_text()
    assert "--require-hashes" in text and re.search(r"^USER (?!root)", text, re.MULTILINE)
    context = ROOT if path.parent == DEPLOY else path.parent
    for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE):
        assert all((context / source).exists() for source in line.split()), line
