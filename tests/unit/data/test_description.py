import pytest
from pydantic import ValidationError

from facsimile.data.description import KINDS, DataSetDescription, problems
from facsimile.data.tree import TYPES

LEAST = {"name": "mine", "root": "raw/mine", "kind": "folder", "licence": "a", "consent": "b"}


def wrong(**fields):
    with pytest.raises(ValidationError) as caught:
        DataSetDescription(**LEAST | fields)
    return dict(problems(caught.value))


@pytest.mark.parametrize("left_out", LEAST)
def test_five_fields_have_to_be_stated(left_out):
    fields = {key: value for key, value in LEAST.items() if key != left_out}
    with pytest.raises(ValidationError) as caught:
        DataSetDescription(**fields)
    assert problems(caught.value) == [(left_out, "say something here")]


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
def test_nobody_states_nothing(empty):
    assert wrong(consent=empty) == {"consent": "say something here"}


@pytest.mark.parametrize(
    "name", ["../up", "a/b", "Mine", "true", "null", "9x", "a.b", "", "ä", "x" * 64]
)
def test_a_name_is_a_plain_word(name):
    assert list(wrong(name=name)) == ["name"]


@pytest.mark.parametrize("field", ["details", "licence", "pattern", "root", "source"])
def test_no_text_is_replaced_by_a_configuration(field):
    assert "replaced" in wrong(**{field: "${oc.env:HOME}"})[field]
    assert "replaced" in wrong(test_people=["a", "x${y}"])["test_people"]


@pytest.mark.parametrize("odd", ["a\0b", "\x1b[31m", "a\u2028b", "a\x85b"])
def test_no_text_has_characters_that_cannot_be_shown(odd):
    assert list(wrong(details=odd)) == ["details"]


@pytest.mark.parametrize(
    "root", ["ftp://a/b.zip", "file:///etc/passwd", "gopher://x", "javascript://x"]
)
def test_addresses_are_of_three_kinds(root):
    assert "http" in wrong(root=root)["root"]


def test_an_address_is_told_from_a_folder():
    assert DataSetDescription(**LEAST).address is None
    assert DataSetDescription(**LEAST | {"root": "s3://a/b.zip"}).address == "s3://a/b.zip"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("crop", 15), ("crop", 2049), ("crop", True), ("coverage", 0.4),
        ("coverage", "nose"), ("height", 8193), ("val_share", 1.1), ("val_share", float("nan")),
        ("frames", 0), ("kind", "sample"), ("detector", "facsimile.faces.yunet"),
        ("degradations", ["a.b"]), ("degradations", ["blur"] * 9), ("file_types", ["exe"]),
        ("_target_", "os.system"),
    ],
)  # fmt: skip
def test_values_have_their_range(field, value):
    assert [key.partition(".")[0] for key in wrong(**{field: value})] == [field]


@pytest.mark.parametrize(
    ("fields", "blamed"),
    [
        ({"resize": "fit"}, "resize"),
        ({"resize": "fill", "height": 64}, "resize"),
        ({"height": 64}, "resize"),
        ({"val_share": 0.6, "test_share": 0.6}, "test_share"),
        ({"pattern": "{label}/{name}", "table": "a.csv"}, "table"),
        ({"kind": "dfdc", "pattern": "x"}, "pattern"),
        ({"kind": "dfdc", "crop": "no"}, "crop"),
        ({"kind": "openforensics", "resize": "fit", "height": 64}, "resize"),
    ],
)
def test_what_contradicts_itself_is_told_at_one_field(fields, blamed):
    assert list(wrong(**fields)) == [blamed]


def test_a_crop_is_a_word_or_a_side():
    for crop in ("no", "face", 64, 300):
        assert DataSetDescription(**LEAST | {"crop": crop}).crop == crop


def test_what_was_said_can_be_said_again():
    said = DataSetDescription(**LEAST, crop=64, file_types=["jpg"], coverage="whole")
    assert DataSetDescription(**said.model_dump()) == said


def test_every_file_type_has_its_suffixes():
    types = DataSetDescription.model_json_schema()["properties"]["file_types"]["items"]["enum"]
    assert set(types) == set(TYPES)


def test_every_kind_has_a_configuration():
    from pathlib import Path

    conf = Path(__file__).resolve().parents[3] / "conf/data"
    assert {path.stem for path in conf.glob("*.yaml")} == {*KINDS, "sample"}
