"""Ranges that strengths are drawn from."""

from collections.abc import Sequence

Range = int | float | Sequence[int | float]


def span(
    values: Range, least: int | float, most: int | float = float("inf")
) -> tuple[float, float]:
    """Return a range's two ends; a single number is a range of its own.

    Raises:
        ValueError: There are not two, they go down, or leave least..most.

    >>> span(2, 0), span([0.5, 3], 0)
    ((2.0, 2.0), (0.5, 3.0))
    """
    ends = (values, values) if isinstance(values, int | float) else tuple(values)
    if len(ends) != 2 or not least <= ends[0] <= ends[1] <= most:
        raise ValueError(
            f"{ends} must be a number or a range [low, high] within {least:g}..{most:g}"
        )
    return float(ends[0]), float(ends[1])


def whole_span(values: Range, least: int, most: int) -> tuple[int, int]:
    """Return the two ends of a range of whole numbers, both within.

    Raises:
        ValueError: As `span`, or they are no whole numbers.

    >>> whole_span([30, 95], 1, 100)
    (30, 95)
    """
    low, high = span(values, least, most)
    if not (low.is_integer() and high.is_integer()):
        raise ValueError(f"{(low, high)} must be whole numbers")
    return int(low), int(high)
