import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from tests.tiny_recipes import CONF

from facsimile.errors import UserError
from facsimile.pipelines import degrade

SETS = {"salt_and_pepper_5", "salt_and_pepper_10", "blur", "shadow", "all", "clean"}


def composed(root, *overrides):
    few = [f"degrade.per_subject.{name}=1" for name in ("test", "val", "series")]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"paths.root={root}", *few, *overrides])


@pytest.fixture
def root(tmp_path, write_noise_faces):
    write_noise_faces(tmp_path / "data")
    return tmp_path


def test_every_set_and_series_of_the_configuration_is_made(root, capsys):
    degrade.run(composed(root))
    folder = root / "data/degraded/sample"
    table = pd.read_parquet(folder / "degraded.parquet")
    fixed = table[table.strength.isna()]
    assert fixed.groupby("split")["degradation"].agg(set).to_dict() == {"test": SETS, "val": SETS}
    series = table.dropna(subset="strength").groupby("degradation")["strength"].nunique()
    assert series.to_dict() == {"blur": 6, "salt_and_pepper": 5, "shadow": 5}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.png")} == {*table.path}
    assert f"{len(table)} pictures of 4 faces" in capsys.readouterr().out


def test_the_same_faces_give_the_same_pixels(root):
    degrade.run(composed(root))
    first = (root / "data/degraded/sample/degraded.parquet").read_bytes()
    degrade.run(composed(root))
    assert (root / "data/degraded/sample/degraded.parquet").read_bytes() == first


def test_a_missing_face_leaves_what_was_there(root):
    degrade.run(composed(root))
    before = sorted((root / "data/degraded/sample").rglob("*"))
    for path in (root / "data/faces/sample/images").glob("*.png"):
        path.unlink()
    with pytest.raises(UserError, match=r"\d+\.png"):
        degrade.run(composed(root))
    assert sorted((root / "data/degraded/sample").rglob("*")) == before


def test_nothing_but_an_earlier_output_is_replaced(root):
    (root / "mine").mkdir()
    (root / "mine/thesis.txt").write_text("all of it")
    with pytest.raises(UserError, match="thesis"):
        degrade.run(composed(root, f"output={root / 'mine'}"))
