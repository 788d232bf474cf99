"""Batches that hold as many real as fake faces."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Int64

from facsimile.data.steps import ALL, Key, Share, StepSampler

Labels = Int64[np.ndarray, " n"]


class BalancedSampler(StepSampler):
    """Batches of keys that are half real and half fake, however many there are of each.

    Either half is drawn as `StepSampler` draws; the real ones come first.

    Args:
        labels: Of each sample.
        batch_size: Even.
        max_steps: Batches.
        seed: Of the order.
        start: The first batch.
        share: As for `StepSampler`.

    >>> sampler = BalancedSampler(np.array([0, 0, 0, 1]), 2, 3, seed=1)
    >>> [batch[1] for batch in sampler]
    [(0, 3, 0), (1, 3, 0), (2, 3, 0)]
    """

    def __init__(
        self, labels: Labels, batch_size: int, max_steps: int, seed: int, start: int = 0,
        share: Share = ALL,
    ) -> None:  # fmt: skip
        super().__init__(len(labels), batch_size, max_steps, seed, start, share)
        self.places = [np.flatnonzero(labels == label) for label in (0, 1)]
        self.halves = [
            StepSampler(len(places), batch_size // 2, max_steps, seed + label, start)
            for label, places in enumerate(self.places)
        ]

    def batches(self) -> Iterator[list[Key]]:
        """The whole batches, of all processes together."""
        for halves in zip(*self.halves, strict=True):
            yield [
                (step, int(places[index]), before)
                for places, half in zip(self.places, halves, strict=True)
                for step, index, before in half
            ]
