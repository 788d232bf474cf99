"""What a training will take, said before it starts: memory and time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any, Protocol, cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import WeightAveraging
from pytorch_lightning.strategies import FSDPStrategy
from torch import Tensor, nn
from torch.optim import Optimizer

from facsimile.callbacks.activations import kept_bytes
from facsimile.callbacks.free_memory import free_memory
from facsimile.errors import UserError

MB = 2**20
# measured from 64 to 128 px in bf16: what a backward pass takes beside what was kept for it, and
# what kernels take once, beside a copy of the weights in their own layout
BACKWARD, KERNELS = 1.25, 96 * MB


class Estimated(Protocol):
    """A task that can be tried without training it."""

    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer]

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        """The loss of a batch."""


@dataclass(frozen=True)
class Memory:
    """Bytes of a training; all but the activations are the same for any batch."""

    parameters: int
    gradients: int
    optimizer: int
    average: int
    activations: int
    kernels: int

    @property
    def copy(self) -> int:
        """What is there twice while a state is saved, or a rollback takes it back."""
        return self.parameters + self.optimizer + self.average

    @property
    def in_turn(self) -> int:
        """The larger of what a pass takes and the copy: nothing is saved during a pass."""
        return max(self.activations + self.kernels, self.copy)

    @property
    def total(self) -> int:
        """All that there is at once."""
        return self.copy + self.gradients + self.in_turn

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {size / MB:.0f}" for name, size in vars(self).items())
        return f"{self.total / MB:.0f} MB ({parts}; in turn with both: copy {self.copy / MB:.0f})"


def try_optimizer(
    make: Callable[[Iterable[nn.Parameter]], Optimizer], sample: Tensor
) -> tuple[float, float]:
    """Return the bytes of state and the seconds of a step, both for one element.

    >>> state, _ = try_optimizer(torch.optim.Adam, torch.zeros(1000))
    >>> round(state)
    8
    """
    parameter = nn.Parameter(sample.detach().clone())
    parameter.grad = torch.ones_like(parameter)
    optimizer = make([parameter])
    optimizer.step()
    start = perf_counter()
    optimizer.step()
    seconds = perf_counter() - start
    state = optimizer.state[parameter].values()
    size = sum(_bytes([t]) for t in state if isinstance(t, Tensor) and t.numel() > 1)
    return size / sample.numel(), seconds / sample.numel()


class Estimate(pl.Callback):
    """Print what memory and time a training will take, and refuse what cannot fit.

    Before the first step, on its batch: what a pass keeps for the way back is measured on two and
    on four samples, and reckoned for all of them; the time is that of a few passes of the whole
    batch and of the optimizer. Nothing of it trains: buffers are put back, gradients dropped.

    Of several processes each looks at its own share, and the first tells; where a net's parts are
    spread over processes (FSDP) there is no estimate.

    Args:
        passes: How many are timed, after one that is not.
        show: Prints a line.
        wait: Given the bytes still to take and what tells the free ones, returns when it is this
            training's turn: others on the machine may be about to end.

    Raises:
        UserError: The memory does not suffice; says how much is needed, free, and what to lower.
    """

    def __init__(
        self,
        passes: int = 3,
        show: Callable[[str], Any] = print,
        wait: Callable[[int, Callable[[], int]], None] | None = None,
    ) -> None:
        self.passes, self.show, self.wait, self.done = passes, show, wait, False

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Estimate, once."""
        if self.done or isinstance(trainer.strategy, FSDPStrategy):  # whose parts cannot be tried
            return
        self.done = True
        if not trainer.is_global_zero:
            self.show = _nothing
        with _untouched(pl_module):
            self._estimate(trainer, pl_module, batch)

    def _estimate(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any) -> None:
        parameters = [p for p in pl_module.parameters() if p.requires_grad]
        largest = max(parameters, key=lambda p: p.numel())
        state, seconds = try_optimizer(cast(Estimated, pl_module).optimizer, largest)
        count = sum(p.numel() for p in parameters)
        memory = _memory(trainer, pl_module, batch, round(state * count))
        resumed = bool(trainer.optimizers[0].state)
        if self.wait is not None:
            self.wait(_wanted(memory, resumed), partial(free_memory, pl_module.device))
        self._refuse(memory, free_memory(pl_module.device), resumed)
        passes = trainer.accumulate_grad_batches * self._seconds(trainer, pl_module, batch)
        step = seconds * count + passes
        left = trainer.max_steps - trainer.global_step
        self.show(f"memory: {memory}; {free_memory(pl_module.device) / MB:.0f} MB free")
        self.show(
            f"time: {left} steps of {1e3 * step:.0f} ms, about {_clock(step * left)} "
            "without reading data and validation"
        )

    def _refuse(self, memory: Memory, free: int, resumed: bool) -> None:
        wanted = _wanted(memory, resumed)
        if wanted > free:
            raise UserError(
                f"the training does not fit: it needs {memory}, of which {wanted / MB:.0f} MB "
                f"are still to take and {free / MB:.0f} MB are free; lower "
                "task.data_module.batch_size (with trainer.accumulate_grad_batches in its "
                "place), the model's resolution or its dims"
            )

    def _seconds(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any) -> float:
        """Median time of a pass there and back."""
        times = []
        for _ in range(self.passes + 1):
            start = perf_counter()
            _loss(trainer, pl_module, batch).backward()  # type: ignore[no-untyped-call]
            if pl_module.device.type == "cuda":
                torch.cuda.synchronize(pl_module.device)
            times.append(perf_counter() - start)
            pl_module.zero_grad(set_to_none=True)
        return median(times[1:])


def _nothing(line: str) -> None:
    """Show a line where another process shows the same."""


def _wanted(memory: Memory, resumed: bool) -> int:
    """Parameters and averages have their place by now, a resumed optimizer its state too."""
    return memory.gradients + memory.in_turn + (0 if resumed else memory.optimizer)


def _memory(
    trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, optimizer: int
) -> Memory:
    everything = [*pl_module.parameters(), *pl_module.buffers()]
    averaged = any(isinstance(c, WeightAveraging) for c in trainer.callbacks)  # type: ignore[attr-defined]
    gradients = _bytes(p for p in pl_module.parameters() if p.requires_grad)
    return Memory(
        parameters=_bytes(everything),
        gradients=gradients,
        optimizer=optimizer,
        average=_bytes(everything) if averaged else 0,
        kernels=KERNELS + gradients,
        activations=round(BACKWARD * _activations(trainer, pl_module, batch)),
    )


def _activations(
    trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Sequence[Tensor]
) -> float:
    """Reckoned from a few samples: a batch that does not fit must not be tried."""
    size = len(batch[0])
    few, more = min(2, size), min(4, size)  # a single one cannot be normalised
    kept = {count: _kept(trainer, pl_module, batch, count) for count in {few, more}}
    each = (kept[more] - kept[few]) / max(more - few, 1)
    return kept[more] + each * (size - more)


def _kept(
    trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Sequence[Tensor], count: int
) -> int:
    some = [part[:count] for part in batch]
    known = {p.untyped_storage().data_ptr() for p in pl_module.parameters()}
    return kept_bytes(lambda: _loss(trainer, pl_module, tuple(some)), known)


def _loss(trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any) -> Tensor:
    with trainer.precision_plugin.train_step_context():
        return cast(Estimated, pl_module).training_step(batch, 0)


@contextmanager
def _untouched(pl_module: pl.LightningModule) -> Iterator[None]:
    """Put back what a pass changes: running statistics; and log nothing meanwhile."""
    buffers = [(buffer, buffer.clone()) for buffer in pl_module.buffers()]
    pl_module.log = pl_module.log_dict = lambda *_, **__: None  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        del pl_module.log, pl_module.log_dict
        pl_module.zero_grad(set_to_none=True)
        for buffer, before in buffers:
            buffer.copy_(before)


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _clock(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
