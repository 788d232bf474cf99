from collections import Counter
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from torch.utils.data import Dataset

from facsimile.data.steps import Share, StepLoader, StepSampler, shared
from facsimile.errors import UserError


class Keys(Dataset):
    """Gives back what it is asked for."""

    def __getitem__(self, key):
        return key


class Numbers(Dataset):
    """0 to 6."""

    def __len__(self):
        return 7

    def __getitem__(self, place):
        return place


class Blurred(Dataset):
    """Large enough an image for OpenCV to want its threads."""

    def __getitem__(self, key):
        return float(cv2.GaussianBlur(np.ones((2000, 2000, 3), np.uint8), (31, 31), 5).mean())


def sampler(**changes):
    return StepSampler(**{"length": 7, "batch_size": 3, "max_steps": 20, "seed": 5} | changes)


def test_the_same_seed_names_the_same_batches_and_another_does_not():
    assert list(sampler()) == list(sampler())
    assert list(sampler()) != list(sampler(seed=6))


@pytest.mark.parametrize("start", [1, 2, 7, 19])
def test_a_later_start_is_the_rest_of_an_earlier_one(start):
    assert list(sampler(start=start)) == list(sampler())[start:]


def test_length_counts_from_the_beginning():
    assert len(sampler(start=5)) == 20
    assert len(list(sampler(start=5))) == 15


def test_every_pass_shows_every_sample_once():
    batches = list(sampler(max_steps=14))
    indices = [index for batch in batches for _, index, _ in batch]
    assert Counter(indices) == {index: 6 for index in range(7)}
    assert indices[:7] != indices[7:14]


def test_batches_carry_their_step_and_are_full():
    for step, batch in enumerate(sampler()):
        assert [key[0] for key in batch] == [step] * 3


def test_a_batch_larger_than_the_data():
    assert [len(batch) for batch in sampler(length=2, batch_size=5, max_steps=2)] == [5, 5]


@pytest.mark.parametrize("world", [2, 3])
def test_processes_share_each_batch_and_leave_nothing_out(world):
    """A batch of 12 of 7 samples repeats some: a share knows how often, as the whole does."""
    shares = [list(sampler(batch_size=12, share=Share(rank, world))) for rank in range(world)]
    for whole, *parts in zip(sampler(batch_size=12), *shares, strict=True):
        assert {len(part) for part in parts} == {12 // world}
        assert sorted(sum(parts, [])) == sorted(whole) and len(set(whole)) == 12


def test_a_batch_without_equal_shares_is_refused():
    with pytest.raises(UserError, match="batch_size=3: give a multiple of 2"):
        sampler(share=Share(0, 2))


@pytest.mark.parametrize("world", [1, 2, 3, 8])
def test_held_out_samples_are_measured_once_each(world):
    trainers = [SimpleNamespace(global_rank=rank, world_size=world) for rank in range(world)]
    parts = [shared(Numbers(), trainer) for trainer in trainers]
    assert [part[place] for part in parts for place in range(len(part))] == list(range(7))


def test_nothing_to_sample_from():
    with pytest.raises(ValueError, match="length is 0"):
        sampler(length=0)


@pytest.mark.parametrize("workers", [1, 2])
def test_number_of_workers_changes_nothing(workers):
    def batches(count):
        return [[b.tolist() for b in pair] for pair in StepLoader(Keys(), sampler(), count)]

    assert batches(workers) == batches(0)


def test_the_loader_states_that_it_can_be_resumed():
    loader = StepLoader(Keys(), sampler())
    loader.load_state_dict(loader.state_dict())
    assert len(loader) == 20


def test_workers_start_beside_opencvs_threads():
    """A forked worker that meets OpenCV's thread pool waits for ever."""
    cv2.setNumThreads(4)
    cv2.GaussianBlur(np.zeros((2000, 2000, 3), np.uint8), (31, 31), 5)
    loader = StepLoader(Blurred(), StepSampler(8, 4, 3, seed=1), workers=1)
    assert len(list(loader)) == 3
    assert cv2.getNumThreads() > 1
    cv2.setNumThreads(-1)
