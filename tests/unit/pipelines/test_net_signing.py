"""What trainings and their measurements show of synthetic faces is signed."""

import json

import numpy as np
import pytest
from tests.tiny_recipes import training

from facsimile.media.files import sha256
from facsimile.media.image import read_image
from facsimile.media.video import probe
from facsimile.pipelines.cli import main
from facsimile.pipelines.net_signing import restored_signer, write_preview, write_time_lapse
from facsimile.provenance.read import read
from facsimile.provenance.sign import SYNTHESIS

META = {"task": "swap", "name": "net", "training_data": ["mine/ann", "mine/bob"]}
META |= {"consent": "they agreed", "init": {"consent": "public domain"}}


def said(path):
    found = read(path)
    assert found.status == "valid"
    return next(a["data"] for a in found.manifest["assertions"] if a["label"] == SYNTHESIS)


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)


def test_a_preview_says_of_which_unfinished_net_it_is(picture, tmp_path):
    path = tmp_path / "new" / "step_000500.png"
    write_preview(path, picture, 500, META)
    told = said(path)
    assert (told["kind"], told["synthetic"]) == ("swap", True)
    assert told["model"] == {"name": "net, unfinished, at step 500", "sha256": None}
    assert told["training_data"] == ["mine/ann", "mine/bob"]
    assert told["consent"] == "they agreed; public domain"
    np.testing.assert_array_equal(read_image(path), picture)
    assert list(path.parent.iterdir()) == [path]


def test_a_time_lapse_is_signed_too(picture, tmp_path):
    path = tmp_path / "time_lapse.mp4"
    write_time_lapse(path, iter([picture, picture // 2]), 4.0, META | {"name": None})
    assert said(path)["model"]["name"] == "a net of task swap, unfinished, over its steps"
    assert (probe(path).frames, probe(path).frame_rate) == (2, 4)


def test_what_a_checkpoint_restored_is_signed_with_its_hash(picture, tmp_path):
    checkpoint, unsigned = tmp_path / "net.ckpt", tmp_path / "a.png"
    checkpoint.write_bytes(b"weights")
    write_preview(unsigned, picture, 1, META)
    restored_signer(checkpoint, META | {"task": "enhancement"})(unsigned, tmp_path / "b.png")
    told = said(tmp_path / "b.png")
    assert told["model"] == {"name": "net", "sha256": sha256(checkpoint)}
    assert told["kind"] == "enhancement"


@pytest.mark.parametrize(("recipe", "learnt"), [
    ("swap_df", ["sample/franck", "sample/cap"]),
    pytest.param("enhancement_r2unet", ["sample"], marks=pytest.mark.long),
])  # fmt: skip
def test_every_picture_that_a_training_leaves_is_signed(
    recipe, learnt, write_noise_faces, tmp_path, mlflow_uri, monkeypatch, models_root
):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.chdir(tmp_path)
    write_noise_faces(tmp_path / "data")
    (tmp_path / "data/models").symlink_to(models_root)
    output = tmp_path / "out"
    more = ["callbacks.preview.every=1", f"output={output}"]
    assert main([*training(tmp_path, recipe), *more]) == 0
    made = sorted([*output.rglob("*.png"), *output.rglob("*.jpg"), *output.rglob("*.mp4")])
    names = {path.name for path in made}
    assert names >= {"step_000001.png", "step_000002.png", "time_lapse.mp4"}
    assert ("examples_clean.jpg" in names) == (recipe == "enhancement_r2unet")
    for path in made:
        told = said(path)
        assert told["training_data"] == learnt
        assert "licence:" in told["consent"] and "None" not in json.dumps(told["consent"])
