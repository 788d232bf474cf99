"""Whose faces a training learns, and that consent covers every one of them."""

import pandas as pd
import pytest
import torch
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.pipelines.learnt import learnt_data, learnt_grounds, require_consent, subjects

STATED = {"licence": "theirs", "consent": "agreed"}
PEOPLE = [
    ("ann", "train", 0), ("bob", "train", 0), ("eve", "train", 0), ("eve", "train", 0),
    ("kim", "val", 0), ("fake", "train", 1), ("mia", "test", 0),
]  # fmt: skip


@pytest.fixture
def people(tmp_path):
    table = tmp_path / "identity.parquet"
    pd.DataFrame(PEOPLE, columns=["subject", "split", "label"]).to_parquet(table)
    return str(table)


def config(task="swap", pretrain=False, people=None, sources=None, said=None, **stated):
    data_module = {"pretrain": pretrain, "crowd": {"people": people}} if task == "swap" else {}
    return OmegaConf.create({
        "consent": said,
        "data": {"name": "mine", "swap_pair": ["ann", "bob"], "sources": sources, **stated},
        "task": {"name": task, "data_module": data_module},
    })  # fmt: skip


def test_a_swap_learns_its_pair_and_pretraining_all_real_people_it_reads(people):
    assert subjects(config()) == ["ann", "bob"]
    assert subjects(config(pretrain=True, people=people)) == ["ann", "bob", "eve", "kim"]
    assert learnt_data(config(pretrain=True, people=people))[-1] == "mine/kim"


def test_an_enhancement_learns_its_data_set():
    assert subjects(config("enhancement")) == []
    assert learnt_data(config("enhancement")) == ["mine"]


def test_what_covers_the_pair_does_not_cover_everybody(people):
    of_the_pair = {"ann": STATED, "bob": STATED}
    require_consent(config(sources=of_the_pair))
    with pytest.raises(UserError, match="licence of eve, the consent of eve") as told:
        require_consent(config(pretrain=True, people=people, sources=of_the_pair))
    assert "of kim" in str(told.value) and "of ann" not in str(told.value)
    require_consent(config(pretrain=True, people=people, sources=of_the_pair, **STATED))


@pytest.mark.parametrize("lacking", STATED)
def test_an_enhancement_needs_both_of_its_data_set(lacking):
    require_consent(config("enhancement", **STATED))
    with pytest.raises(UserError, match=f"data=mine does not state the {lacking} of mine"):
        require_consent(config("enhancement", **STATED | {lacking: None}))


def test_of_many_who_lack_it_some_are_named(tmp_path):
    table = tmp_path / "identity.parquet"
    rows = [(f"person{number}", "train", 0) for number in range(50)]
    pd.DataFrame(rows, columns=["subject", "split", "label"]).to_parquet(table)
    cfg = config(pretrain=True, people=str(table), licence="theirs")
    with pytest.raises(UserError, match="consent of person0") as told:
        require_consent(cfg)
    assert "of 44 more" in str(told.value) and len(str(told.value)) < 600


def test_the_grounds_of_people_stated_one_by_one_are_each_ones_own():
    sources = {"ann": STATED, "bob": {"licence": "CC0", "consent": "bob agreed"}}
    grounds = "mine/ann: agreed (licence: theirs); mine/bob: bob agreed (licence: CC0)"
    assert learnt_grounds(config(sources=sources)) == grounds


def test_the_grounds_of_all_others_are_the_data_sets_said_once(people):
    cfg = config(
        pretrain=True, people=people, sources={"eve": {"consent": "eve agreed"}}, **STATED
    )  # fmt: skip
    theirs, eves = "mine: agreed (licence: theirs)", "mine/eve: eve agreed (licence: theirs)"
    assert learnt_grounds(cfg) == f"{theirs}; {eves}"
    assert learnt_grounds(config("enhancement", **STATED)) == theirs


def test_the_people_whom_the_net_of_the_masks_saw_were_learnt_from_too(tmp_path):
    said = {"net": {}, "task": "swap", "training_data": ["theirs/zoe"], "consent": "zoe agreed"}
    torch.save({"state_dict": {}, "facsimile": said}, tmp_path / "masks.ckpt")
    cfg = config(**STATED)
    cfg.task.data_module.mask = {"net": {"checkpoint": str(tmp_path / "masks.ckpt")}}
    assert learnt_data(cfg)[-1] == "theirs/zoe"
    assert learnt_grounds(cfg) == "mine: agreed (licence: theirs); zoe agreed"


def test_what_is_said_now_is_the_ground():
    cfg = config(said="I am shown", **STATED)
    assert learnt_grounds(cfg) == "mine: I am shown (licence: theirs)"
