from pathlib import Path

import pandas as pd
import pytest
import yaml
from hydra import compose, initialize_config_dir

from facsimile.errors import UserError
from facsimile.pipelines.held_out import frames_of, held_out_segment, still_path, target_segment

CONF = Path(__file__).resolve().parents[3] / "conf"
ROWS = [
    ("data_src/a.png", "ann", "talk", 3, "train", 9.0, 0.0, 50.0),
    ("data_src/b.png", "ann", "talk", 5, "train", 1.0, 0.0, 80.0),
    ("data_src/c.png", "ann", "talk", 43, "test", 0.0, 0.0, 99.0),
    ("data_src/d.png", "ann", "talk", 90, "test", 0.0, 0.0, 99.0),
    ("data_dst/a.png", "bob", "walk", 2, "test", 0.0, 0.0, 99.0),
]


@pytest.fixture
def cfg(tmp_path):
    """A small data set of two people, one clip each."""
    columns = ["path", "subject", "clip", "frame", "split", "yaw", "pitch", "sharpness"]
    table = pd.DataFrame(ROWS, columns=columns)
    raw = tmp_path / "data/raw/sample"
    for folder in ("data/splits/sample", "data/selected/sample", "data/raw/sample/clips"):
        (tmp_path / folder).mkdir(parents=True)
    split = table[["path", "subject", "clip", "frame", "yaw", "split"]]
    split.to_parquet(tmp_path / "data/splits/sample/swap.parquet")
    table.drop(columns=["split"]).to_parquet(tmp_path / "data/selected/sample/selected.parquet")
    sources = {}
    for subject, clip in (("ann", "talk"), ("bob", "walk")):
        (raw / f"clips/{clip}.mp4").touch()
        sources[subject] = {"subject": subject, "files": [{"path": f"clips/{clip}.mp4"}]}
    (raw / "sources.yaml").write_text(yaml.safe_dump(sources))
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"paths.root={tmp_path}"])


def test_the_block_of_the_split_is_held_out(cfg):
    cfg.params.split.swap.blocks = {"talk": {"test": [40, 95]}, "walk": {"test": [0, 30]}}
    segment = held_out_segment(cfg, "ann")
    assert (segment.path.name, segment.start, segment.stop) == ("talk.mp4", 40, 95)
    assert held_out_segment(cfg, "bob").path.name == "walk.mp4"


def test_without_a_block_it_starts_with_the_first_test_face(cfg):
    cfg.params.split.swap.blocks = {"talk": {"val": [7, 9]}}
    segment = held_out_segment(cfg, "ann")
    assert (segment.start, segment.stop) == (43, None)


def test_a_person_without_held_out_frames_is_named(cfg):
    with pytest.raises(UserError, match="carl must have one held-out clip"):
        held_out_segment(cfg, "carl")


def test_a_clip_that_the_data_set_lacks_is_named(cfg):
    path = Path(cfg.paths.splits) / "sample/swap.parquet"
    pd.read_parquet(path).replace({"clip": {"walk": "gone"}}).to_parquet(path)
    with pytest.raises(UserError, match="the clip gone"):
        held_out_segment(cfg, "bob")


def test_the_still_is_a_training_face(cfg):
    assert still_path(cfg, "ann") == Path(cfg.paths.selected) / "sample/data_src/b.png"


def test_a_person_without_training_faces_is_named(cfg):
    with pytest.raises(UserError, match="bob has no training face"):
        still_path(cfg, "bob")


def test_a_missing_table_names_the_command(cfg):
    (Path(cfg.paths.splits) / "sample/swap.parquet").unlink()
    with pytest.raises(UserError, match=r"no .*swap.parquet: run `facsimile split`"):
        held_out_segment(cfg, "ann")


def test_a_stressed_clip_stands_in_for_the_held_out_one(cfg, tmp_path):
    assert target_segment(cfg, "bob") == held_out_segment(cfg, "bob")
    assert frames_of(cfg, target_segment(cfg, "bob"), "bob") is None
    cfg.render.stressed = str(tmp_path / "flicker")
    with pytest.raises(UserError, match=r"there is no .*flicker/clips/walk.mp4"):
        target_segment(cfg, "bob")
    for folder in ("clips", "frames"):
        (tmp_path / "flicker" / folder).mkdir(parents=True)
    (tmp_path / "flicker/clips/walk.mp4").touch()
    rows = pd.DataFrame({"frame": [0, 1, 2, 3], "subject": ["bob", "ann", "ann", "bob"]})
    rows.to_parquet(tmp_path / "flicker/frames/walk.parquet")
    segment = target_segment(cfg, "bob")
    assert (segment.path.parent.name, segment.start, segment.stop) == ("clips", 0, None)
    assert frames_of(cfg, segment, "bob") == {0, 3}
