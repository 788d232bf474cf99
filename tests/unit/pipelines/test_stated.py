"""On what ground the person in a clip is shown."""

import pytest
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.pipelines.stated import target_ground

SOURCES = {"eve": {"consent": "eve agreed"}, "bob": {"licence": "CC0"}}


def config(said=None, **data):
    return OmegaConf.create({"consent": said, "data": {"name": "mine", "sources": SOURCES, **data}})


def test_what_is_said_now_stands_alone():
    assert target_ground(config("bob agreed", consent="theirs"), "a.mp4", "bob") == "bob agreed"


def test_a_described_person_counts_by_what_is_stated_of_each_or_of_all():
    cfg = config(consent="public domain", licence="MIT")
    assert target_ground(cfg, "a.mp4", "eve") == "mine/eve: eve agreed (licence: MIT)"
    assert target_ground(cfg, "a.mp4", "bob") == "mine/bob: public domain (licence: CC0)"
    assert target_ground(cfg, "a.mp4", "ann") == "mine: public domain (licence: MIT)"


def test_a_licence_that_nobody_states_is_told_to_be_unknown():
    assert target_ground(config(), "a.mp4", "eve") == "mine/eve: eve agreed (licence: not stated)"


def test_people_of_a_source_of_many_count_by_its_statement():
    crowd = {"people": "orl_s*", "consent": "posed for research", "licence": "unknown"}
    cfg = config(consent="public domain", licence="MIT", sources={"orl": crowd})
    assert target_ground(cfg, "a.mp4", "orl_s7") == (
        "mine/orl_s7: posed for research (licence: unknown)"
    )
    assert target_ground(cfg, "a.mp4", "ann") == "mine: public domain (licence: MIT)"


@pytest.mark.parametrize("subject", ["bob", None])
def test_a_person_of_whom_nothing_is_stated_is_refused_with_what_to_write(subject):
    with pytest.raises(UserError, match=r"a\.mp4 .*consent="):
        target_ground(config(), "a.mp4", subject)


def test_a_stranger_is_not_described_by_the_data_set():
    with pytest.raises(UserError, match="described by no data config"):
        target_ground(config(consent="public domain"), "a.mp4", None, listed=False)
