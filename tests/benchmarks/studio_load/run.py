"""50 users at once: `python tests/benchmarks/studio_load/run.py [--seconds 20]`.

Starts `facsimile studio` on the loopback with 200 data sets below a temporary folder, lets locust
ask it as fast as answers come and then once a second a user, and prints requests a second, p50, p99
and errors.
"""

import argparse
import csv
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
COMMAND = "import sys; from facsimile.pipelines.cli import console; sys.exit(console())"
SHOWN = ("Name", "Request Count", "Failure Count", "Requests/s", "50%", "99%")


def main():
    """Start, fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--users", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as url:
        fill(url, Path(folder))
        for pace in (0, 1):
            print(f"{given.users} users, {f'a request every {pace} s each' if pace else 'at once'}")
            for row in asked(url, Path(folder), given, pace):
                print("  ".join(f"{row[key]:>16.16}" for key in SHOWN))


class served:
    """A studio that runs while the block does."""

    def __init__(self, folder):
        (folder / "local").mkdir()
        self.folder = folder

    def __enter__(self):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        kept = {"FACSIMILE_LOCAL": str(self.folder / "local"), "PYTHONPATH": str(ROOT / "src")}
        arguments = ["studio", f"port={port}", f"paths.data={self.folder}/data"]
        self.server = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            cwd=ROOT, env=os.environ | kept, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        print(self.server.stdout.readline().strip())
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait(20)


def fill(url, folder):
    """200 data sets, made over the API."""
    from locustfile import NAMES

    stated = {"kind": "folder", "licence": "made for this", "consent": "nobody is shown"}
    with httpx.Client(base_url=url, timeout=30) as client:
        for _ in range(100):
            try:
                client.get("/api/v1/datasets")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        for name in NAMES:
            said = {"name": name, "root": f"{folder}/data/raw/{name}", "details": "made", **stated}
            client.post("/api/v1/datasets", json=said).raise_for_status()


def asked(url, folder, given, pace):
    """The rows of locust's table."""
    table = folder / f"pace{pace}"
    command = [
        *(sys.executable, "-m", "locust", "-f", str(HERE / "locustfile.py"), "--headless"),
        *("-u", str(given.users), "-r", str(given.users), "-t", f"{given.seconds}s"),
        *("--host", url, "--csv", str(table), "--only-summary", "--loglevel", "ERROR"),
    ]
    done = subprocess.run(
        command, env=os.environ | {"STUDIO_PACE": str(pace)}, capture_output=True, text=True
    )
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:], sep="\n")
    with Path(f"{table}_stats.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [dict(zip(SHOWN, SHOWN, strict=True)), *rows]


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main()
