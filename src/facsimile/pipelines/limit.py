"""One limit: what a value that users set may be, and the words for it."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Limit(NamedTuple):
    """A type with its closed range, or a list of such; `also` are other values that it may be.

    >>> Limit(int, 3, 255, step=2).wanted
    'a whole number from 3 to 255 in steps of 2'
    >>> pair = Limit(float, 0, 255, lengths=(2,), also=(None,))
    >>> pair.fits([40, 215.0]), pair.fits(None), pair.fits([40])
    (True, True, False)
    """

    kind: type
    low: float = 0
    high: float = 0
    step: int = 1
    lengths: Sequence[int] = ()  # of a list; empty: one value
    also: tuple[object, ...] = ()

    @property
    def wanted(self) -> str:
        """The words for what may stand there."""
        words = NAMES[self.kind]
        if self.kind is not str:
            words += f" from {self.low} to {self.high}"
        words += f" in steps of {self.step}" if self.step > 1 else ""
        if self.lengths:
            words = f"a list of {_choice(self.lengths)}, each {words}"
        return " or ".join([words, *map(word, self.also)])

    def fits(self, value: object) -> bool:
        """Whether a value may stand there."""
        if value in self.also:
            return True
        if not self.lengths:
            return self._holds(value)
        return (
            isinstance(value, list) and len(value) in self.lengths and all(map(self._holds, value))
        )

    def _holds(self, value: Any) -> bool:
        if self.kind is str:
            return isinstance(value, str)
        if kind_of(value) != "a number" or (self.kind is int and not isinstance(value, int)):
            return False
        on_a_step = self.step == 1 or (value - self.low) % self.step == 0
        return bool(self.low <= value <= self.high and on_a_step)


NAMES = {int: "a whole number", float: "a number", str: "a word"}


def kind_of(value: object) -> str:
    """What a plain value is, in words."""
    if isinstance(value, bool):
        return "true or false"
    kinds = {int | float: "a number", str: "a word", list: "a list", dict: "a section"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "nothing")


def word(value: object) -> str:
    """A value as it is written on the command line."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value).replace("'", "")


def _choice(lengths: Sequence[int]) -> str:
    is_range = isinstance(lengths, range)
    return f"{lengths[0]} to {lengths[-1]}" if is_range else " or ".join(map(str, lengths))
