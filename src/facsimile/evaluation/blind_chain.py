"""The best blind chain: one fixed sequence of filters for all degradations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations, product

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8

from facsimile.cores import usable_cores
from facsimile.data.held_out import Pair
from facsimile.filters.protocol import Filter
from facsimile.metrics.psnr import psnr
from facsimile.threads import in_order

Chain = tuple[str, ...]
Watch = Callable[[Sequence[Pair], str], Iterable[Pair]]
# An identical image has infinite PSNR, of which there is no mean. At 60 dB one value in fifteen
# is off by a single level.
CEILING = 60.0
ARROW = " > "


def ordered_chains(kinds: Iterable[Sequence[str]], longest: int = 3) -> list[Chain]:
    """Every sequence of at most `longest` filters of different kinds, shortest first.

    A kind is the names of one filter in several strengths, of which a chain takes one. The empty
    chain, which does nothing, comes first.

    >>> ordered_chains([["median3", "median5"], ["unsharp"]], longest=2)[3:5]
    [('unsharp',), ('median3', 'unsharp')]
    """
    strengths = list(kinds)
    return [
        chain
        for length in range(longest + 1)
        for order in permutations(strengths, length)
        for chain in product(*order)
    ]


def best_blind_chain(
    pairs: Mapping[str, Sequence[Pair]],
    filters: Mapping[str, Filter],
    candidates: Sequence[Chain],
    watch: Watch = lambda pairs, name: pairs,
) -> tuple[Chain, pd.DataFrame]:
    """Choose the chain whose mean gain in PSNR over doing nothing is largest.

    The mean is over the degradations, each the mean of its pairs. Decibels and not ranks: what a
    chain gains is what it is compared by later, a rank would depend on which near-copies of it
    are among the candidates, and would hide that a chain ruins one degradation. PSNR is capped
    at 60 dB. Of equals the first wins, so that shorter chains should stand before longer ones.

    Args:
        pairs: Validation pairs by the degradation's name, none without a pair.
        filters: Filters by name.
        candidates: Chains of those names.
        watch: Passes a degradation's pairs on, one by one as they are done.

    Returns:
        The chain; and a table, best first, of each chain's mean PSNR for every degradation, the
        mean of these (`psnr`) and its `gain`. Raises ValueError if there is nothing to choose
        from or by.
    """
    if not candidates or not pairs or not all(pairs.values()):
        raise ValueError("candidates are needed, and pairs for every degradation")
    measured = [(), *candidates]
    columns = {
        name: _mean_psnr(watch(those, name), filters, measured) for name, those in pairs.items()
    }
    untouched = np.mean([values[0] for values in columns.values()])
    index = pd.Index(map(ARROW.join, candidates), name="chain")
    table = pd.DataFrame({name: values[1:] for name, values in columns.items()}, index=index)
    table["psnr"] = table.mean(axis=1)
    table["gain"] = table["psnr"] - untouched
    # Rounding errors of the mean must not decide between chains that do the same.
    order = np.argsort(-table["gain"].to_numpy().round(9), kind="stable")
    return candidates[int(order[0])], table.iloc[order]


def _mean_psnr(
    pairs: Iterable[Pair], filters: Mapping[str, Filter], candidates: Sequence[Chain]
) -> Float[np.ndarray, " n"]:
    def of_one(_: None, pair: Pair) -> list[float]:
        return _psnr_of_chains(pair, filters, candidates)

    # Threads: OpenCV, numpy and scipy let go of the interpreter's lock.
    values = list(in_order([None] * usable_cores(), of_one, pairs))
    return np.asarray(np.mean(values, axis=0))


def _psnr_of_chains(
    pair: Pair, filters: Mapping[str, Filter], candidates: Sequence[Chain]
) -> list[float]:
    """Each chain's PSNR on one pair; what chains begin with alike is computed once."""
    begun: dict[Chain, UInt8[np.ndarray, "h w 3"]] = {(): pair.lq}
    beginnings = {chain[:length] for chain in candidates for length in range(1, len(chain))}

    def restored(chain: Chain) -> UInt8[np.ndarray, "h w 3"]:
        if chain in begun:
            return begun[chain]
        image = filters[chain[-1]](restored(chain[:-1]))
        if chain in beginnings:
            begun[chain] = image
        return image

    return [min(psnr(restored(chain), pair.gt), CEILING) for chain in candidates]
