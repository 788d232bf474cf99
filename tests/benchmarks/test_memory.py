"""How much memory an extraction takes, whatever the length of the video."""

import os
import subprocess
import sys

import imageio_ffmpeg
import pytest

MINUTES = (1, 10)
PROGRAM = """
import resource, sys
from facsimile.pipelines.cli import main
code = main(sys.argv[1:])
print("PEAK", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
sys.exit(code)
"""


@pytest.mark.benchmark
@pytest.mark.sample
def test_memory_does_not_grow_with_a_video(sample_root, models_root, tmp_path):
    peaks = {minutes: _peak(sample_root, models_root, tmp_path, minutes) for minutes in MINUTES}
    short, long = peaks.values()
    print(f"\npeak memory {peaks} MB, ratio {long / short:.2f}")
    assert long <= 1.2 * short


def _peak(sample_root, models_root, folder, minutes):
    video = folder / f"{minutes}.mp4"
    loop = ["-stream_loop", "-1", "-i", str(sample_root / "clips/franck.mp4")]
    cut = ["-t", str(60 * minutes), "-an", "-c", "copy", str(video)]
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y"]
    subprocess.run([*ffmpeg, *loop, *cut], check=True)
    command = ["extract", f"input={video}", f"output={folder}/{minutes}"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command, f"paths.models={models_root}"],
        env=os.environ, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return int(done.stdout.partition("PEAK ")[2])
