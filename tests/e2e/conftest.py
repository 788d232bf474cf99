"""A studio as `facsimile studio` starts it, and a browser that asks nobody else."""

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import httpx
import pytest
import torch
import yaml
from playwright.sync_api import Page, sync_playwright

from facsimile.models.r2unet import R2UNet

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COMMAND = "import sys; from facsimile.pipelines.cli import console; sys.exit(console())"
WIDTHS = (4, 8)
PATIENCE = 60.0  # seconds, for a server on a busy machine


@dataclass(frozen=True)
class Running:
    """A studio, where it is, and the folders that it works in."""

    address: str
    folder: Path
    models: Path
    environment: dict[str, str]

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures"

    def yaml_of(self, name) -> Path:
        return self.folder / f"local/data/{name}.yaml"

    def facsimile(self, *arguments):
        """Run another command beside it."""
        given = [*arguments, f"paths.data={self.folder}", f"paths.models={self.models}"]
        return subprocess.run(
            [sys.executable, "-c", COMMAND, *given],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=120,
        )  # fmt: skip


def browser_path():
    """The browser that is driven: FACSIMILE_BROWSER, or the first that is installed."""
    named = os.environ.get("FACSIMILE_BROWSER")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, (
        "the browser tests need Chromium: install it (Debian: apt install chromium), or set "
        "FACSIMILE_BROWSER to where one is"
    )
    return found


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # no sandbox: tests may run as root, and load nothing but the studio
        running = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def studio(tmp_path_factory, sample_root, models_root):
    """`facsimile studio` with a folder of real pictures and a tiny restoration."""
    folder = tmp_path_factory.mktemp("studio")
    write_pictures(sample_root, folder / "pictures")
    write_restorer(folder / "experiments/tiny")
    environment = {**os.environ, "FACSIMILE_LOCAL": str(folder / "local")}
    environment |= {"FACSIMILE_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
    port = free_port()
    given = [f"port={port}", f"paths.data={folder}", f"paths.models={models_root}"]
    given += [
        f"paths.experiments={folder / 'experiments'}",
        f"studio.roots=[{folder / 'pictures'}]",
    ]
    given += [f"logger.mlflow.tracking_uri=sqlite:///{folder / 'mlflow.db'}"]
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "studio", *given],
        env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(process, address, folder / "log")
        yield Running(address, folder, models_root, environment)
    finally:
        process.terminate()
        process.wait(20)
    said = (folder / "log").read_text()
    assert "Traceback" not in said, said


def wait_for(process, address, log):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"no studio after {PATIENCE} s: {log.read_text()}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def write_pictures(sample, folder):
    """Two pictures of each of four people of the sample, and a file that is none."""
    for person in ("s1", "s2", "s3", "s4"):
        (folder / person).mkdir(parents=True)
        for number in (1, 2):
            picture = cv2.imread(str(sample / f"orl/{person}/{number}.pgm"))
            cv2.imwrite(str(folder / f"{person}/{number}.png"), picture)
    (folder / "s1/broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")


def write_restorer(folder):
    """An untrained restoration, laid out as `train` leaves one."""
    torch.manual_seed(0)
    net = R2UNet(WIDTHS)
    for _ in range(10):
        net.train()(torch.rand(4, 3, 32, 32))
    target = "facsimile.models.r2unet.R2UNet"
    described = {
        "net": {"_target_": target, "widths": list(WIDTHS)},
        "task": "enhancement",
        "name": "tiny",
        "data": "sample",
    }
    weights = {f"net.{key}": value for key, value in net.state_dict().items()}
    folder.mkdir(parents=True)
    torch.save({"facsimile": described, "state_dict": weights}, folder / "checkpoint.ckpt")
    config = {"task": {"name": "enhancement"}, "model": {"_target_": target}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "metrics.json").write_text('{"psnr": 12.34}')


@pytest.fixture
def open_page(browser, studio):
    """Opens pages of a browser that starts afresh; whatever goes wrong in one fails the test."""
    contexts, wrong = [], []

    def opened(**given) -> Page:
        context = browser.new_context(base_url=studio.address, **given)
        context.set_default_timeout(30_000)
        contexts.append(context)
        return watched(context.new_page(), studio.address, wrong)

    yield opened
    for context in contexts:
        context.close()
    assert not wrong, wrong


@pytest.fixture
def page(open_page):
    return open_page()


def watched(page, address, wrong):
    """Note requests to other hosts, errors of scripts and whatever the policy stopped."""

    def requested(request):
        if not request.url.startswith((address, "data:")):
            wrong.append(f"{page.url} asked for {request.url}")

    def told(message):
        # a 404, or no answer, that a test asks for
        refused = any(words in message.text for words in ("Failed to load", "Failed to fetch"))
        if message.type in ("error", "warning") and not refused:
            wrong.append(f"{page.url}: {message.text}")

    page.on("request", requested)
    page.on("console", told)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    return page
