from fractions import Fraction

import numpy as np
import pytest

from facsimile.media.image import write_image
from facsimile.media.video import VideoWriter
from facsimile.provenance.sign import Claim


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("home") / "new"
    monkeypatch.setenv("FACSIMILE_HOME", str(home))
    return home


def picture(seed):
    return np.random.default_rng(seed).integers(0, 256, (48, 64, 3), dtype=np.uint8)


@pytest.fixture(params=["mp4", "png", "jpg"])
def unsigned(request, tmp_path):
    path = tmp_path / f"in-é.{request.param}"
    if request.param != "mp4":
        write_image(path, picture(1))
        return path
    with VideoWriter(path, 64, 48, Fraction(25)) as writer:
        for seed in range(12):
            writer.write(picture(seed))
    return path


@pytest.fixture
def claim(tmp_path):
    target = tmp_path / "target.png"
    write_image(target, picture(9))
    return Claim(
        kind="swap",
        description="a's identity on b's frames",
        model="swap_df",
        model_sha256="ab" * 32,
        training_data=("sample/a", "sample/b"),
        consent="both agreed",
        ingredients=(target,),
    )
