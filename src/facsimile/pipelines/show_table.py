"""A table, printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facsimile.evaluation.tables import Table

WIDTH = 160  # characters


def show_table(table: Table) -> None:
    """Print a table, in full also into a file or a pipe."""
    from rich.console import Console
    from rich.table import Table as RichTable

    shown = RichTable(title=table.title, caption=table.note or None)
    for place, column in enumerate(table.columns):
        is_name = place < table.names
        shown.add_column(column, justify="left" if is_name else "right", no_wrap=is_name)
    for row in table.rows:
        shown.add_row(*row)
    # A file or pipe has no width of its own; rich's 80 columns would cut the numbers.
    Console(width=None if sys.stdout.isatty() else WIDTH).print(shown)
