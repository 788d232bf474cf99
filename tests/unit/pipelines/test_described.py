from pathlib import Path

import pytest
import yaml
from hydra import compose, initialize_config_dir

from facsimile.data.description import DataSetDescription
from facsimile.errors import UserError
from facsimile.pipelines.described import check_data, description_fields
from facsimile.studio.files import DescriptionFiles

CONF = Path(__file__).resolve().parents[3] / "conf"
STATED = {"kind": "folder", "licence": "made for this test", "consent": "nobody is shown"}


@pytest.fixture
def composed(tmp_path, monkeypatch):
    monkeypatch.setenv("FACSIMILE_LOCAL", str(tmp_path))

    def compose_it(*overrides):
        with initialize_config_dir(str(CONF), version_base="1.3"):
            return compose("config", list(overrides), return_hydra_config=True)

    return compose_it


@pytest.fixture
def written(tmp_path):
    def write(**fields):
        said = DataSetDescription(**{"name": "mine", "root": "data/raw/mine"} | STATED | fields)
        DescriptionFiles(tmp_path).write(said)
        return said

    return write


def read_back(cfg):
    return DataSetDescription(**description_fields(cfg, cfg.hydra.runtime.choices))


EVERYTHING = {
    "details": "two lines\n# and 'signs': {}",
    "source": "here",
    "citation": "A. Person, 2026",
    "file_types": ["jpg", "mp4"],
    "height": 64,
    "width": 96,
    "resize": "fill",
    "colour": "grey",
    "crop": 64,
    "coverage": "whole",
    "frames": 7,
    "pattern": "{label}/{name}",
    "val_share": 0.25,
    "test_share": 0.5,
    "official_split": False,
    "val_people": ["a*"],
    "test_people": ["b", "c[1-9]"],
    "degradations": ["blur", "jpeg"],
    "detector": "mtcnn",
}


def test_what_the_studio_writes_is_what_the_command_line_composes(composed, written):
    said = written(**EVERYTHING)
    cfg = composed("data=mine", "paths.root=.")
    assert read_back(cfg) == said.model_copy(update={"root": "./data/raw/mine"})
    assert cfg.params.extract.image_size == 64
    assert cfg.params.extract.coverage == "whole"
    assert cfg.detector._target_.endswith("Mtcnn")
    assert cfg.data.official is False
    assert cfg.data.dataset._target_.endswith("FolderDataset")
    assert list(cfg.data.dataset.file_types) == ["jpg", "mp4"]
    check_data(cfg)


def test_the_least_that_can_be_said_composes_too(composed, written):
    written()
    cfg = composed("data=mine", "paths.root=.")
    found = read_back(cfg)
    assert (found.crop, found.coverage, found.degradations) == ("face", None, [])
    assert (found.source, found.detector) == ("data/raw/mine", "yunet")
    assert cfg.params.extract.image_size == 128  # as params.yaml has it


def test_degradations_are_applied_in_their_order(composed, written):
    from hydra.utils import instantiate

    written(degradations=["jpeg", "blur", "jpeg"])
    chain = instantiate(composed("data=mine").degradation)
    assert [type(one).__name__ for one in chain.degradations] == ["Jpeg", "Blur", "Jpeg"]
    written(degradations=["blur"])
    assert composed("data=mine").degradation._target_.endswith("Blur")


@pytest.mark.parametrize("kind", ["dfdc", "faceforensics", "openforensics", "openforensics_crops"])
def test_every_kind_composes(composed, written, kind):
    written(kind=kind)
    cfg = composed("data=mine")
    assert cfg.data.dataset._target_.startswith(f"facsimile.data.{kind}.")
    assert read_back(cfg).kind == kind


def test_an_address_is_fetched_to_the_raw_data(composed, written):
    written(root="https://example.org/faces.zip")
    cfg = composed("data=mine", "paths.root=/x")
    assert cfg.data.root == "/x/data/raw/mine"
    assert read_back(cfg).root == "https://example.org/faces.zip"


def test_what_the_command_line_and_a_recipe_say_counts_more(composed, written):
    written(detector="mtcnn", degradations=["blur"], crop=64)
    given = composed("data=mine", "detector=dlib", "params.extract.image_size=32")
    assert given.detector._target_.endswith("DlibHog")
    assert read_back(given).crop == 32
    recipe = composed("data=mine", "experiment=enhancement_r2unet")
    assert recipe.degradation._target_.endswith("RandomSubset")


def test_a_file_by_hand_that_starts_from_another_is_understood(composed, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/lab.yaml").write_text("defaults: [dfdc]\nname: lab\nroot: /srv/dfdc\n")
    found = read_back(composed("data=lab"))
    assert (found.name, found.kind, found.root, found.frames) == ("lab", "dfdc", "/srv/dfdc", 32)
    assert "paid actors" in found.consent


@pytest.mark.parametrize("path", sorted((CONF / "data").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_data_set_of_ours_is_described_rightly(composed, path):
    check_data(composed(f"data={path.stem}", "paths.root=."))


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("data.root=ftp://a/b", r"data\.root=ftp://a/b: .*http"),
        ("data.crop=perhaps", r"data\.crop=perhaps"),
        ("data.name=a/b", r"data\.name=a/b: letters"),
        ("+data.resize=fit", r"data\.resize=fit: fit goes with a height or a width"),
        ("data.file_types=[exe]", r"data\.file_types\.0"),
        ("data.frames=0", r"data\.frames=0"),
    ],
)
def test_the_command_line_refuses_what_the_form_refuses(composed, override, told):
    with pytest.raises(UserError, match=told):
        check_data(composed("data=folder", override))


def test_the_file_is_valid_yaml_of_three_parts(written, tmp_path):
    written(**EVERYTHING)
    text = (tmp_path / "data/mine.yaml").read_text()
    assert list(yaml.safe_load(text)) == ["defaults", "data", "params"]
