"""What figures depend on, as a table of two columns."""

from collections.abc import Iterator, Mapping
from typing import Any

from facsimile.evaluation.tables import Table


def settings_table(title: str, settings: Mapping[str, Any]) -> Table:
    """A row a setting, those of a section under its name.

    >>> settings_table("", {"a": {"b": [1, 2]}, "c": "d"}).rows
    [['a.b', '1, 2'], ['c', 'd']]
    """
    return Table(title, ["setting", "value"], [[k, _word(v)] for k, v in _flat(settings)], names=2)


def _flat(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _word(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
