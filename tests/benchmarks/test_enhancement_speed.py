"""How fast nets and filters restore, and what share of the machine's peak the nets reach."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("enhancement_speed.py")
SIDE = os.environ.get("ENHANCEMENT_SIDE", "384")  # pixels, of the square that is restored
NAMES = os.environ.get("ENHANCEMENT_NAMES", "").split()  # of nets and filters; all without it
PEAKS = {"fp32": "fp32", "bf16": "bf16", "onnxruntime": "fp32"}  # whose share is told


@pytest.mark.benchmark
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen here")
def test_the_speed_of_restoring():
    cores = sorted({1, min(2, len(os.sched_getaffinity(0)))})
    for count in cores:
        print(f"\n{table(count, measured(count))}")


def measured(cores: int) -> list[dict]:
    """What the script finds on so many cores."""
    command = [sys.executable, str(SCRIPT), "--cores", str(cores), "--side", SIDE, *NAMES]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(cores: int, rows: list[dict]) -> str:
    """Markdown: megapixels a second, and the share of the peak of the same number format."""
    peaks = {one["format"]: speed(one) for one in rows if one["name"] == "peak"}
    told = ", ".join(f"{form} {peak:.0f} GFLOP/s" for form, peak in peaks.items())
    lines = [f"cores: {cores}; peak of a 3x3 convolution: {told}"]
    lines += [f"| MP/s (share of peak) | GFLOP/MP | {' | '.join(PEAKS)} | uint8 |"]
    lines += ["|---" * (len(PEAKS) + 3) + "|"]
    for name in dict.fromkeys(one["name"] for one in rows if one["name"] != "peak"):
        found = {one["format"]: one for one in rows if one["name"] == name}
        cells = [cell(found.get(form), peaks.get(PEAKS.get(form))) for form in (*PEAKS, "uint8")]
        lines.append(f"| {' | '.join([name, work(found), *cells])} |")
    return "\n".join(lines)


def speed(one: dict) -> float:
    """In GFLOP/s."""
    return one["flops"] / one["seconds"] / 1e9


def work(found: dict[str, dict]) -> str:
    one = next(iter(found.values()))
    return f"{one['flops'] / one['pixels'] / 1e3:.0f}" if one["flops"] else ""


def cell(one: dict | None, peak: float | None) -> str:
    if one is None:
        return ""
    share = f" ({speed(one) / peak:.0%})" if peak else ""
    return f"{one['pixels'] / one['seconds'] / 1e6:.3f}{share}"
