"""How much memory restoring a picture takes beyond the picture, whatever its size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONF = Path(__file__).resolve().parents[2] / "conf"
# sides of the square pictures; 10000 for 100 megapixels, which takes minutes
SIDES = [int(side) for side in os.environ.get("ENHANCEMENT_SIDES", "2000 4000").split()]
PROGRAM = """
import resource, sys
import numpy as np
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from facsimile.inference.enhance import Enhancer

conf, model, side = sys.argv[1:]
with initialize_config_dir(conf, version_base="1.3"):
    enhancer = Enhancer(instantiate(compose("config", [f"model={model}"]).model))
enhancer.overlap, enhancer.scale  # measured once, whatever is restored
pixels = np.random.default_rng(0).integers(0, 256, (int(side), int(side), 3), np.uint8)
for rows, band in enhancer.bands(pixels):
    pixels[rows] = band
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print("PEAK", (peak - pixels.nbytes // 1024) // 1024)
"""


@pytest.mark.benchmark
@pytest.mark.parametrize("model", ["restoration_cascade"])
def test_memory_does_not_grow_with_a_picture(model):
    small, large = (_peak(model, side) for side in SIDES)
    print(
        f"\n{model}: {small} MB beyond a picture of {SIDES[0]} x {SIDES[0]} pixels, {large} MB "
        f"beyond one of {SIDES[1]} x {SIDES[1]}"
    )
    assert large <= 1.2 * small


def _peak(model, side):
    """Megabytes of the whole process, but for those of the picture."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(CONF), model, str(side)],
        env=os.environ, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return int(done.stdout.partition("PEAK ")[2])
