import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.faces.embedded_by import EMBEDDER
from facsimile.faces.identity import SFace
from facsimile.pipelines.target_person import choice_of, listed
from facsimile.rendering.choice import ByIdentity, every, largest


@pytest.fixture
def cfg(tmp_path, models_root):
    faces = pd.DataFrame({"subject": ["ann", "ann", "bob"]})
    faces["embedding"] = [np.eye(128, dtype=np.float32)[place] for place in (0, 1, 2)]
    (tmp_path / "mine").mkdir()
    faces.to_parquet(tmp_path / "mine/selected.parquet")
    model = str(models_root / "face_recognition_sface_2021dec_int8bq.onnx")
    (tmp_path / "raw").mkdir()
    return OmegaConf.create(
        {
            "render": {"face": "identity"},
            "data": {
                "name": "mine",
                "root": str(tmp_path / "raw"),
                "dataset": {
                    "_target_": "facsimile.data.folder.FolderDataset",
                    "root": str(tmp_path / "raw"),
                },
            },
            "paths": {"selected": str(tmp_path)},
            "embedder": {"_target_": "facsimile.faces.identity.SFace", "model": model},
        }
    )


@pytest.mark.sample
def test_the_person_is_the_mean_of_what_was_selected(cfg):
    choice = choice_of(cfg, "ann", "mine")
    assert isinstance(choice, ByIdentity)
    np.testing.assert_array_equal(choice.person[:3], [0.5, 0.5, 0])
    assert choice.same_person == SFace.same_person


@pytest.mark.sample
@pytest.mark.parametrize(
    ("person", "data"), [(None, "mine"), ("carl", "mine"), ("ann", "theirs"), ("ann", None)]
)
def test_of_nobody_known_the_largest_counts_and_that_is_told(cfg, person, data, capsys):
    assert choice_of(cfg, person, data) is largest
    assert "the largest face is replaced, whoever it is" in capsys.readouterr().err


@pytest.mark.sample
def test_without_selected_faces(cfg, tmp_path, capsys):
    (tmp_path / "mine/selected.parquet").unlink()
    assert choice_of(cfg, "ann", "mine") is largest
    assert "how ann looks" in capsys.readouterr().err


@pytest.mark.sample
@pytest.mark.parametrize(("face", "choice"), [("largest", largest), ("all", every)])
def test_what_needs_no_looks(cfg, face, choice, capsys):
    cfg.render.face = face
    assert choice_of(cfg, "ann", "mine") is choice
    assert capsys.readouterr().err == ""


@pytest.mark.sample
def test_the_data_set_lists_its_own_files_only(cfg, tmp_path):
    inside, outside = tmp_path / "raw/a.mp4", tmp_path / "a.mp4"
    for path in (inside, outside):
        path.write_bytes(b"a")
    assert listed(cfg, inside) is not None
    assert listed(cfg, outside) is None
    assert listed(cfg, tmp_path / "raw/absent.mp4") is None


@pytest.mark.sample
def test_looks_by_another_embedder_are_refused(cfg, tmp_path):
    table = pq.read_table(tmp_path / "mine/selected.parquet")
    said = {EMBEDDER: "facsimile.faces.dlib_resnet.DlibResNet"}
    pq.write_table(table.replace_schema_metadata(said), tmp_path / "mine/selected.parquet")
    with pytest.raises(UserError, match="facsimile select data=mine` .*embedder=") as told:
        choice_of(cfg, "ann", "mine")
    assert "DlibResNet" in str(told.value) and "SFace" in str(told.value)
