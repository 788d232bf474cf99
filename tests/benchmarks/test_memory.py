"""How much memory an extraction takes, whatever the length of the video."""

import os
import subprocess
import sys

import imageio_ffmpeg
import pytest

MINUTES = (1, 60)
PROGRAM = """
import resource, sys
from facsimile.pipelines.cli import main
code = main(sys.argv[1:])
whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)  # the jobs' processes are children
print("PEAK", *(resource.getrusage(one).ru_maxrss // 1024 for one in whose))
sys.exit(code)
"""


@pytest.mark.benchmark
@pytest.mark.sample
def test_memory_does_not_grow_with_a_video(sample_root, models_root, tmp_path):
    short, long = (_peaks(sample_root, models_root, tmp_path, minutes) for minutes in MINUTES)
    print(f"\npeak memory of {MINUTES} minutes, this process and the jobs': {short}, {long} MB")
    assert all(more <= 1.2 * less for less, more in zip(short, long, strict=True))


def _peaks(sample_root, models_root, folder, minutes):
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
    return [int(peak) for peak in done.stdout.partition("PEAK ")[2].split()]
