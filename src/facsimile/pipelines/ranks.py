"""Processes that train one net together: which of them this is, and where their ways part."""


def is_first() -> bool:
    """Whether this process is the one that writes results, logs and evaluates."""
    from pytorch_lightning.utilities import rank_zero_only

    return bool(getattr(rank_zero_only, "rank", 0) == 0)


def part() -> None:
    """End the common work, where there is any: metrics taken after it wait for nobody."""
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()
