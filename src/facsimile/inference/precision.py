"""The number format that this machine computes fastest in."""

import contextlib
from contextlib import AbstractContextManager

import torch


def autocast_dtype(device: str = "cpu") -> torch.dtype | None:
    """Say whether mixed precision pays: bfloat16 where the hardware has it, else None.

    Emulated bfloat16 is slower than float32, hence the question to the hardware.
    """
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported(False) else None
    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else None


def autocast(dtype: torch.dtype | None, device: str = "cpu") -> AbstractContextManager[object]:
    """Compute in dtype where that is safe; None computes in float32 throughout."""
    if dtype is None:
        return contextlib.nullcontext()
    return torch.autocast(device.split(":")[0], dtype=dtype)
