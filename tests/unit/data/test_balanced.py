from collections import Counter

import numpy as np

from facsimile.data.balanced import BalancedSampler
from facsimile.data.steps import Share


def test_batches_are_half_fake_whatever_there_is_of_each():
    labels = np.array([0] * 3 + [1] * 40)
    batches = list(BalancedSampler(labels, 6, 30, seed=1))
    assert all(sum(labels[index] for _, index, _ in batch) == 3 for batch in batches)
    seen = Counter(index for batch in batches for _, index, _ in batch)
    assert {seen[real] for real in range(3)} == {30} and set(seen) == set(range(43))
    resumed = BalancedSampler(labels, 6, 30, seed=1, start=11)
    assert list(resumed) == batches[11:]
    assert [step for step, _, _ in batches[7]] == [7] * 6


def test_each_process_gets_real_and_fake_faces():
    labels = np.array([0] * 3 + [1] * 40)
    whole = list(BalancedSampler(labels, 8, 10, seed=1))
    shares = [list(BalancedSampler(labels, 8, 10, seed=1, share=Share(n, 2))) for n in range(2)]
    for batch, *parts in zip(whole, *shares, strict=True):
        assert sorted(sum(parts, [])) == sorted(batch)
        assert [sum(labels[index] for _, index, _ in part) for part in parts] == [2, 2]
