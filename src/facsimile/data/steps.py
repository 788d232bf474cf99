"""Which samples each training step sees: a function of the seed and the step, of nothing else."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from torch.utils.data import DataLoader, Dataset, Sampler, Subset

from facsimile.cores import usable_cores
from facsimile.errors import UserError
from facsimile.threads import prefetch

Key = tuple[int, int, int]  # step, index, and how often the step's batch has had that index before


@dataclass(frozen=True)
class Share:
    """Which of how many processes, that train one net together, this one is."""

    rank: int = 0
    world: int = 1


ALL = Share()


class StepSampler(Sampler[list[Key]]):
    """Batches of keys, see `Key`, for `DataLoader(batch_sampler=...)`.

    Every pass over the data is a shuffle of its own, drawn from (seed, pass), so that any step can
    be reached without the ones before it; the step travels with the index so that the data set
    augments as a function of (seed, step, sample). The length counts the skipped steps too:
    Lightning compares it with the steps done since the beginning, not since the resumption.

    Args:
        length: Samples that there are.
        batch_size: Of a step, over all processes.
        max_steps: Batches.
        seed: Of the order.
        start: The first batch.
        share: Of several processes each takes every so many-th sample of a batch: together they
            see what one would.

    Raises:
        ValueError: There are no samples.
        UserError: A batch has no equal share for each process.

    >>> whole = list(StepSampler(length=5, batch_size=2, max_steps=6, seed=1))
    >>> whole[4:] == list(StepSampler(length=5, batch_size=2, max_steps=6, seed=1, start=4))
    True
    >>> sorted(index for batch in whole[:3] for _, index, _ in batch)[-1] <= 4
    True
    """

    def __init__(
        self, length: int, batch_size: int, max_steps: int, seed: int, start: int = 0,
        share: Share = ALL,
    ) -> None:  # fmt: skip
        if length < 1:
            raise ValueError("there is nothing to sample from: length is 0")
        if batch_size % share.world:
            raise UserError(
                f"task.data_module.batch_size={batch_size}: give a multiple of {share.world}, the "
                "number of processes that share each batch"
            )
        self.length, self.batch_size, self.max_steps = length, batch_size, max_steps
        self.seed, self.start, self.share = seed, start, share

    def __len__(self) -> int:
        return self.max_steps

    def __iter__(self) -> Iterator[list[Key]]:
        for batch in self.batches():
            yield batch[self.share.rank :: self.share.world]

    def batches(self) -> Iterator[list[Key]]:
        """The whole batches, of all processes together."""
        number, order = -1, np.empty(0, np.int64)
        for step in range(self.start, self.max_steps):
            batch = []
            for position in range(step * self.batch_size, (step + 1) * self.batch_size):
                if position // self.length != number:
                    number = position // self.length
                    order = np.random.default_rng([self.seed, number]).permutation(self.length)
                batch.append(int(order[position % self.length]))
            yield numbered(step, batch)


def numbered(step: int, indices: list[int]) -> list[Key]:
    """The keys of a step's batch.

    >>> numbered(7, [1, 0, 1])
    [(7, 1, 0), (7, 0, 0), (7, 1, 1)]
    """
    seen, keys = Counter[int](), list[Key]()
    for index in indices:
        keys.append((step, index, seen[index]))
        seen[index] += 1
    return keys


def share_of(trainer: Any) -> Share:
    """The place of this process among those of a trainer, if there is one."""
    return Share(trainer.global_rank, trainer.world_size) if trainer else ALL


def shared(dataset: Dataset[Any], trainer: Any) -> Dataset[Any]:
    """The part of held-out samples, in their order, that this process measures; none twice."""
    share, length = share_of(trainer), len(dataset)  # type: ignore[arg-type]
    first, end = (length * rank // share.world for rank in (share.rank, share.rank + 1))
    return dataset if share.world == 1 else Subset(dataset, range(first, end))


def batches_a_step(trainer: Any) -> int:
    """How many batches a step of a trainer, if there is one, takes: several that accumulate."""
    return int(trainer.accumulate_grad_batches) if trainer else 1


def spare_cores(most: int = 4) -> int:
    """Cores that a training step can do without: those beyond the second, `most` at most.

    A step computes on every core, so on two of them a process beside it costs what it saves and
    more: it waits for its turn, and the step for the thread that it displaced.
    """
    return min(max(usable_cores() - 2, 0), most)


class StepLoader(DataLoader[Any]):
    """A loader of the batches that a `StepSampler` names.

    It declares a state, an empty one, because a resumed training needs none: the data module
    starts a new sampler at the trainer's step.

    Args:
        dataset: Answers to keys, see `Key`.
        sampler: Names the batches.
        workers: Processes that prepare batches ahead; 0 prepares them in this one, None asks
            for as many as `spare_cores`.
        collate: Makes a batch of a list of samples; torch's own when None.
    """

    def __init__(
        self,
        dataset: Dataset[Any],
        sampler: StepSampler,
        workers: int | None = None,
        collate: Any = None,
    ) -> None:
        workers = spare_cores() if workers is None else workers
        super().__init__(
            dataset,
            batch_sampler=sampler,
            num_workers=workers,
            collate_fn=collate,
            prefetch_factor=4 if workers else None,
        )

    def __iter__(self) -> Any:
        """Start the workers while OpenCV has no threads; a thread has the next batch ready.

        A process forked beside its thread pool would wait for those threads for ever, and the
        cores belong to the training step anyway.
        """
        threads = cv2.getNumThreads()
        cv2.setNumThreads(0)
        try:
            batches = super().__iter__()
        finally:
            cv2.setNumThreads(threads)
        return prefetch(batches, ahead=1)

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: see the class."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Accept what `state_dict` gave."""
