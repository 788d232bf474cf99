import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from facsimile.data.identities import NUMBERED
from facsimile.media.image import read_image, write_image
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read

pytestmark = pytest.mark.sample
PEOPLE, EACH = ("s1", "s2", "s31"), 2


@pytest.fixture
def root(sample_root, models_root, tmp_path):
    """Two selected pictures of three people, a fake of one, and a picture without a face."""
    rows = []
    for who in PEOPLE:
        for number in range(1, EACH + 1):
            path = f"images/{who}/{number:06d}.png"
            image = read_image(sample_root / f"orl/{who}/{number}.pgm")
            write_image(tmp_path / "data/faces/sample" / path, image)
            rows.append((path, who, f"orl_{who}", who, number, 0, 0))
    write_image(tmp_path / "data/faces/sample/images/fake.png", image)
    rows.append(("images/fake.png", "s1", "orl_s1", "s1", 8, 0, 1))
    noise = np.random.default_rng(0).integers(0, 256, (112, 92, 3), dtype=np.uint8)
    write_image(tmp_path / "data/faces/sample/images/noise.png", noise)
    rows.append(("images/noise.png", "s2", "orl_s2", "s2", 9, 0, 0))
    columns = ["path", "clip", "subject", "origin", "frame", "face", "label"]
    (tmp_path / "data/selected/sample").mkdir(parents=True)
    table = pd.DataFrame(rows, columns=columns)
    table.to_parquet(tmp_path / "data/selected/sample/selected.parquet")
    shutil.copytree(models_root, tmp_path / "data/models")
    return tmp_path


def blended(root, *overrides):
    options = [f"paths.root={root}", "self_blend.blends=2", *overrides]
    return main(["self-blend", "data=sample", *options])


def pixels(folder):
    return {
        path.relative_to(folder).as_posix(): read_image(path).tobytes()
        for path in sorted(folder.rglob("*.png"))
    }


@pytest.fixture
def made(root):
    assert blended(root) == 0
    return root / "data/raw/self_blended"


def test_each_real_face_gives_its_pairs_and_the_rest_is_told(made):
    table = pd.read_parquet(made / "blends.parquet")
    assert len(table) == len(PEOPLE) * EACH * 2
    assert table.groupby("subject").size().eq(2 * EACH).all()
    assert set(table.real) | set(table.fake) == set(pixels(made))
    rejected = pd.read_parquet(made / "rejected.parquet")
    assert rejected.path.tolist() == ["images/noise.png"]
    assert "fake" not in "".join(table.photo)


def test_real_and_fake_are_encoded_alike(made):
    table = pd.read_parquet(made / "blends.parquet")
    for real, fake in zip(table.real, table.fake, strict=True):
        one, other = (Image.open(made / path) for path in (real, fake))
        assert (one.format, one.mode, one.size) == (other.format, other.mode, other.size)
        assert one.size == (92, 112)
        assert one.info == other.info == {}
        left, right = np.asarray(one), np.asarray(other)
        assert (left != right).any()
        frame = np.ones(left.shape[:2], bool)
        frame[1:-1, 1:-1] = False
        assert np.array_equal(left[frame], right[frame])
        assert (right == right[..., :1]).all()  # ORL is grey


def test_fakes_alone_are_signed_as_synthetic(made):
    table = pd.read_parquet(made / "blends.parquet")
    found = read(made / table.fake[0])
    text = json.dumps(found.manifest)
    assert found.status == "valid" and "self_blend" in text
    assert "compositeCapture" in text and "consent form" in text
    assert read(made / table.real[0]).status == "unsigned"
    stated = yaml.safe_load((made / "source.yaml").read_text())
    assert stated["made of"] == "sample" and set(stated["people"]) == {f"orl_{w}" for w in PEOPLE}


def test_the_same_seed_gives_the_same_pixels_whatever_else_is_made(root, made):
    before = pixels(made)
    assert blended(root) == 0
    assert pixels(made) == before
    assert blended(root, "self_blend.people=[orl_s31]", "self_blend.blends=1") == 0
    some = pixels(made)
    assert some.items() < before.items()
    assert blended(root, "seed=2") == 0
    assert pixels(made).keys() == before.keys() and pixels(made) != before


def test_it_becomes_a_data_set_with_identities_apart(root, made):
    for stage in ("extract", "select", "split"):
        assert main([stage, "data=self_blended", f"paths.root={root}"]) == 0
    faces = pd.read_parquet(root / "data/faces/self_blended/faces.parquet")
    assert len(faces) == len(pixels(made)) and faces.label.mean() == 0.5
    for row in faces.itertuples():  # the crops are the pictures
        kind = "fake" if row.label else "real"
        crop = read_image(root / "data/faces/self_blended" / row.path)
        assert crop.tobytes() in {v for k, v in pixels(made / kind).items() if row.subject in k}
    table = pd.read_parquet(root / "data/splits/self_blended/identity.parquet")
    assert not table.subject.str.fullmatch(NUMBERED.pattern).any()
    by_person = table.groupby("subject").split.agg(set).to_dict()
    assert by_person == {"orl_s1": {"train"}, "orl_s2": {"train"}, "orl_s31": {"test"}}
    assert table.groupby("origin").split.nunique().eq(1).all()
    assert table.groupby("split").label.mean().eq(0.5).all()


def test_nobody_and_five_landmarks_are_told(root, capsys):
    assert blended(root, "self_blend.people=[ann]") == 2
    assert "has real faces of orl_s1" in capsys.readouterr().err
    assert blended(root, "detector@self_blend.detector=yunet") == 2
    assert "five landmarks" in capsys.readouterr().err
    assert not (root / "data/raw/self_blended").exists()


def test_who_withdrew_is_left_out(root):
    (root / "data/withdrawn.yaml").write_text("sample: {orl_s31: []}\n")
    assert blended(root) == 0
    table = pd.read_parquet(root / "data/raw/self_blended/blends.parquet")
    assert set(table.subject) == {"orl_s1", "orl_s2"}
