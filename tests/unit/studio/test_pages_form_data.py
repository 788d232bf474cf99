"""Forms and descriptions, to and fro."""

import pytest
from starlette.datastructures import FormData

from facsimile.data.description import DataSetDescription
from facsimile.studio.pages.fields import FIELDS, PARTS
from facsimile.studio.pages.form_data import read, said, typed_of, unsaid

STATED = {"name": "a", "root": "/x", "kind": "folder", "licence": "my own", "consent": "mine"}
DESCRIPTIONS = [
    {},
    {"crop": 64, "coverage": "head", "frames": 32, "file_types": ["jpg", "mp4"]},
    {"crop": 100, "coverage": 2.5, "val_people": ["a*", "b [1]"], "official_split": False},
    {"crop": "no", "colour": "grey", "resize": "fill", "height": 64, "width": 32},
    {"details": "two\nlines", "degradations": ["jpeg", "blur", "jpeg"], "detector": "dlib"},
    {"pattern": "{label}/{name}", "val_share": 0.0, "test_share": 1.0, "source": "ä <b>"},
]


def form_of(typed):
    """What a browser sends of a form that is filled in so."""
    pairs = []
    for name, value in typed.items():
        if isinstance(value, bool):
            pairs += [(name, "true")] if value else []
        elif FIELDS[name].control == "lines":
            pairs.append((name, "\r\n".join(value)))
        elif isinstance(value, list):
            pairs += [(name, one) for one in value] + [(name, "")]
        else:
            pairs.append((name, value.replace("\n", "\r\n")))
    return FormData(pairs)


@pytest.mark.parametrize("more", DESCRIPTIONS)
def test_what_is_shown_and_sent_again_is_the_same(more):
    one = DataSetDescription(**STATED | more)
    assert said(read(form_of(typed_of(one)))).description == one


def test_the_form_asks_for_every_field_once():
    asked = [field.name for part in PARTS for field in part.fields]
    assert len(asked) == len(set(asked))
    assert set(asked) - {"crop_side"} == set(DataSetDescription.model_fields)


def test_an_empty_form_lacks_only_what_is_required():
    required = {name for name, one in DataSetDescription.model_fields.items() if one.is_required()}
    assert set(said(unsaid()).wrong) == required - {"kind"}


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"official_split"}))
def test_a_target_is_a_text_in_every_field(field):
    attack = "_target_: os.system"
    typed = typed_of(DataSetDescription(**STATED))
    typed[field] = [attack] if isinstance(typed[field], list) else attack
    one = said(typed)
    if one.description is not None:
        assert getattr(one.description, field, attack) in (attack, [attack], "face")
    else:
        assert set(one.wrong) <= {field, "crop"}
