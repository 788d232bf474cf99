"""Numbers as people read them."""

from datetime import UTC, datetime


def size(count: int) -> str:
    """Bytes with their unit.

    >>> size(0), size(1), size(2048), size(7 * 2**29)
    ('0 bytes', '1 byte', '2.0 kB', '3.5 GB')
    """
    if count < 1024:
        return "1 byte" if count == 1 else f"{count} bytes"
    scaled = float(count)
    for unit in ("kB", "MB", "GB"):
        scaled /= 1024
        if scaled < 1024:
            return f"{scaled:.1f} {unit}"
    return f"{scaled / 1024:.1f} TB"


def moment(seconds: float | None) -> str:
    """A time since 1970 in the machine's own zone; empty for None."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def several(count: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> several(1, "face"), several(2, "face"), several(1234, "box", "boxes")
    ('1 face', '2 faces', '1,234 boxes')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
