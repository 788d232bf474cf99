import pytest

from facsimile.errors import UserError
from facsimile.provenance.consent import require_consent


@pytest.mark.parametrize(("consent", "described"), [("I am shown", False), (None, True)])
def test_described_or_stated_passes(consent, described):
    require_consent(consent, described, "me.mp4")


@pytest.mark.parametrize("consent", [None, "", "  \n"])
def test_neither_is_refused_and_says_what_to_write(consent):
    with pytest.raises(UserError, match=r'(?s)me\.mp4.*consent="'):
        require_consent(consent, described=False, path="me.mp4")
