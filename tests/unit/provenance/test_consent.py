import pytest

from facsimile.errors import UserError
from facsimile.provenance.consent import require_consent, require_described, require_stated


@pytest.mark.parametrize(("consent", "described"), [("I am shown", False), (None, True)])
def test_described_or_stated_passes(consent, described):
    require_consent(consent, described, "me.mp4")


@pytest.mark.parametrize("consent", [None, "", "  \n"])
def test_neither_is_refused_and_says_what_to_write(consent):
    with pytest.raises(UserError, match=r'(?s)me\.mp4.*consent="'):
        require_consent(consent, described=False, path="me.mp4")


def test_a_model_that_states_nothing_is_refused():
    require_stated("she agreed", "a.dfm")
    with pytest.raises(UserError, match=r'a\.dfm does not state.*consent="'):
        require_stated(" ", "a.dfm")


@pytest.mark.parametrize(
    ("stated", "lacking"),
    [
        ({"licence": "mine"}, "consent of bob"),
        ({"consent": "he agreed", "licence": " "}, "licence of bob"),
        ({"consent": None, "licence": None}, "licence of bob, the consent of bob"),
    ],
)
def test_nobody_is_learned_without_licence_and_consent(stated, lacking):
    ann = {"licence": "mine", "consent": "she agreed"}
    require_described("mine", {"ann": ann})
    with pytest.raises(UserError, match=lacking) as told:
        require_described("mine", {"ann": ann, "bob": stated})
    assert "conf/local/data/mine.yaml" in str(told.value)
    assert "of ann" not in str(told.value)
