"""A tiny swap, and a small data set like the sample, for what renders."""

from itertools import islice
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from facsimile.media.image import write_image
from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.models.df_autoencoder import DFAutoencoder

SIZES = {
    "resolution": 16,
    "encoder_dim": 4,
    "code_dim": 8,
    "inter_dim": 8,
    "decoder_dims": [8, 6, 4],
}


@pytest.fixture(autouse=True)
def own_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("FACSIMILE_HOME", str(tmp_path / "home"))


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    """An untrained swap of franck and cap."""
    torch.manual_seed(0)
    target = "facsimile.models.df_autoencoder.DFAutoencoder"
    stored = {
        "state_dict": {f"net.{k}": v for k, v in DFAutoencoder(**SIZES).state_dict().items()},
        "facsimile": {
            "net": {"_target_": target, **SIZES},
            "task": "swap",
            "name": "tiny",
            "version": {"config": "a", "data": "b", "code": "c"},
            "data": "sample",
            "coverage": 1.35,
            "subjects": {"src": "franck", "dst": "cap"},
        },
    }
    torch.save(stored, tmp_path / "tiny.ckpt")
    return tmp_path / "tiny.ckpt"


def _cut(source: Path, path: Path, frames: int) -> Path:
    """The first frames of a clip."""
    info = probe(source)
    with VideoWriter(path, info.width, info.height, info.frame_rate) as writer:
        for frame in islice(read_frames(source), frames):
            writer.write(frame.image)
    return path


@pytest.fixture
def world(sample_root, tmp_path) -> Path:
    """A data set like the sample, of a second of each man."""
    root = tmp_path / "world"
    raw, selected = root / "data/raw/sample", root / "data/selected/sample"
    (raw / "clips").mkdir(parents=True)
    rows, sources = [], {}
    pair = (("franck", "franck", "data_src", 14), ("cap", "cap13_edit2", "data_dst", 8))
    for subject, name, side, frames in pair:
        clip = _cut(sample_root / f"clips/{name}.mp4", raw / f"clips/{name}.mp4", frames)
        sources[subject] = {"subject": subject, "files": [{"path": f"clips/{name}.mp4"}]}
        image = next(read_frames(clip)).image
        (selected / side).mkdir(parents=True)
        write_image(selected / side / "a.png", image[60:188, 130:258])
        rows.append((f"{side}/a.png", subject, f"{name}_before", 0, "train"))
        rows.append((f"{side}/b.png", subject, name, 7, "test"))
    (raw / "sources.yaml").write_text(yaml.safe_dump(sources))
    split = pd.DataFrame(rows, columns=["path", "subject", "clip", "frame", "split"])
    (root / "data/splits/sample").mkdir(parents=True)
    split.to_parquet(root / "data/splits/sample/swap.parquet")
    measured = split.drop(columns="split").assign(yaw=0.0, pitch=0.0, sharpness=1.0)
    measured.to_parquet(selected / "selected.parquet")
    return root


@pytest.fixture
def cut():
    return _cut
