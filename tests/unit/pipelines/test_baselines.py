import pandas as pd
import pytest
import yaml
from hydra import compose, initialize_config_dir
from tests.tiny_recipes import CONF

from facsimile.errors import UserError
from facsimile.pipelines import baselines
from facsimile.pipelines.baselines import degraded_pairs, read_baselines

FILTERS = {path.stem for path in (CONF / "filter").glob("*.yaml")}
FEW = [
    "baselines.chain.degradations=[noise]",
    "baselines.chain.kinds=[[median3,median5],[switching_median]]",
    "baselines.chain.longest=2",
    "baselines.chain.images=1",
    "baselines.slow.every=3",
]


def composed(root, *overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"paths.root={root}", *FEW, *overrides])


@pytest.fixture(scope="module")
def root(tmp_path_factory, write_noise_faces):
    root = tmp_path_factory.mktemp("root")
    write_noise_faces(root / "data")
    baselines.run(composed(root))
    return root


def test_all_filters_of_the_configuration_are_listed():
    assert {*composed(".").baselines.filters} == FILTERS


def test_every_filter_the_chain_and_red_are_measured_on_every_picture(root):
    table = pd.read_parquet(root / "data/baselines/sample/per_image.parquet")
    pictures = len(degraded_pairs(composed(root)).rows("test"))
    counts = table.method.value_counts().to_dict()
    slow = counts.pop("bm3d")
    assert counts == dict.fromkeys({*FILTERS, "blind_chain", "constant_red"} - {"bm3d"}, pictures)
    # the first and the fourth of four faces, in both sets
    assert slow == 4


def test_the_chain_is_the_best_on_validation_pictures(root):
    """Noise of black and white on noise: repairing the broken pixels alone is best."""
    _, chain = read_baselines(composed(root), degraded_pairs(composed(root)))
    assert chain == ["switching_median"]
    table = pd.read_csv(root / "data/baselines/sample/chains.csv", keep_default_na=False)
    assert len(table) == 1 + 3 + 4
    assert table.chain[0] == "switching_median"
    measured = pd.read_parquet(root / "data/baselines/sample/per_image.parquet")
    psnr = measured.set_index(["degradation", "strength", "path", "method"])["psnr"].unstack()
    assert (psnr.blind_chain == psnr.switching_median).all()


FEWER = [f"~baselines.filters.{name}" for name in FILTERS - {"no_op", "switching_median"}]
LOOKED_AT = [
    *FEWER,
    "baselines.chain.kinds=[[switching_median]]",
    "baselines.slow.filters=[]",
    "baselines.identity_every=2",
]


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory, write_noise_faces, models_root):
    """What the stage leaves where the embedder is there and knows where the faces are."""
    root = tmp_path_factory.mktemp("looked_at")
    write_noise_faces(root / "data")
    identity = pd.read_parquet(root / "data/splits/sample/identity.parquet")
    identity.to_parquet(root / "data/faces/sample/faces.parquet")
    cfg = composed(root, *LOOKED_AT, f"paths.models={models_root}")
    baselines.run(cfg)
    return cfg


def test_the_embedder_looks_at_some_pictures_of_the_fixed_sets(looked_at):
    table, _ = read_baselines(looked_at, degraded_pairs(looked_at))
    seen = table[table["identity_cosine"].notna()]
    pictures = seen.groupby("degradation")["path"].nunique().to_dict()
    assert pictures == {"clean": 2, "noise": 2}  # of four each
    assert {*seen.method} == {"no_op", "switching_median", "blind_chain", "constant_red"}
    untouched = seen[(seen.degradation == "clean") & (seen.method == "no_op")]
    assert list(untouched["identity_cosine"]) == pytest.approx([1, 1])
    assert (seen[seen.method == "constant_red"]["identity_cosine"] < 0.9).all()


def test_a_net_is_looked_at_by_the_same_embedder_on_the_same_pictures(looked_at):
    rows, embedders = baselines.pictures_to_measure(looked_at, degraded_pairs(looked_at))
    table, _ = read_baselines(looked_at, degraded_pairs(looked_at))
    seen = table[(table["method"] == "no_op") & table["identity_cosine"].notna()]
    assert embedders and list(rows[rows["landmarks"].notna()]["gt"]) == list(seen["path"])
    other = looked_at.copy()
    other.embedder._target_ = "facsimile.faces.dlib_resnet.DlibResNet"
    with pytest.raises(UserError, match="other settings"):
        read_baselines(other, degraded_pairs(other))


def test_without_an_embedder_nobody_asks_whose_face_it_is(root, capsys):
    cfg = composed(root, "~embedder")
    rows, embedders = baselines.pictures_to_measure(cfg, degraded_pairs(cfg))
    assert embedders == [] and "landmarks" not in rows
    assert capsys.readouterr().out == ""
    cfg = composed(root)  # which has no models
    assert baselines.pictures_to_measure(cfg, degraded_pairs(cfg))[1] == []
    assert "without identity_cosine: no face recogniser" in capsys.readouterr().out
    table = pd.read_parquet(root / "data/baselines/sample/per_image.parquet")
    assert "identity_cosine" not in table


def test_says_what_to_run(tmp_path):
    cfg = composed(tmp_path)
    with pytest.raises(UserError, match="dvc repro degrade@sample baselines@sample"):
        read_baselines(cfg, degraded_pairs(cfg))


def test_figures_of_other_pictures_are_refused(root):
    cfg = composed(root)
    path = root / "data/baselines/sample/blind_chain.yaml"
    before = path.read_text()
    path.write_text(yaml.safe_dump(yaml.safe_load(before) | {"degraded": "0" * 64}))
    with pytest.raises(UserError, match="other pictures.*facsimile baselines data=sample"):
        read_baselines(cfg, degraded_pairs(cfg))
    path.write_text(before)


@pytest.mark.parametrize("change", ["~baselines.filters.clahe", "baselines.filters.unsharp.k=2"])
def test_figures_of_other_filters_are_refused(root, change):
    cfg = composed(root, change)
    with pytest.raises(UserError, match="other settings.*facsimile baselines data=sample"):
        read_baselines(cfg, degraded_pairs(cfg))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("baselines.slow.filters=[bm4d]", "no filter bm4d, only no_op"),
        ("baselines.chain.kinds=[[medium3]]", "no filter medium3, only no_op"),
        ("baselines.chain.kinds=[[bm3d]]", "bm3d is slow"),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_measured(root, change, words, tmp_path):
    with pytest.raises(UserError, match=words):
        baselines.run(composed(root, change, f"output={tmp_path / 'out'}"))


def test_a_set_that_was_not_made_cannot_choose(root, tmp_path):
    cfg = composed(root, "baselines.chain.degradations=[fog]", f"output={tmp_path / 'out'}")
    with pytest.raises(UserError, match="has no fog"):
        baselines.run(cfg)
    assert not (tmp_path / "out").exists()
