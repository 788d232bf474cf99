"""What a data set lists, or holds, and cannot be used: which file, and why."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something of a data set that is set aside.

    Args:
        path: The file below the data set's root, or a part of it as `Train_poly.json#image 7`.
        reason: Why, in words for people; it names no place of this machine.
    """

    path: str
    reason: str
