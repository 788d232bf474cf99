"""How much memory a pass through a net keeps for the way back."""

from collections.abc import Callable

from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks


def kept_bytes(forward: Callable[[], Tensor], known: set[int]) -> int:
    """Return the bytes that autograd keeps of `forward`, each storage once.

    Args:
        forward: The pass.
        known: Addresses of storages that do not count, such as the parameters'.

    >>> import torch
    >>> x = torch.ones(10, requires_grad=True)
    >>> kept_bytes(lambda: x.exp().sum(), set())
    40
    """
    sizes: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        result = forward()
    del result
    return sum(sizes.values())
