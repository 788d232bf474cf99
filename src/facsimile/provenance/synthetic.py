"""Whether a file says of itself that it is synthetic."""

from pathlib import Path

from facsimile.errors import UserError
from facsimile.provenance.read import read


def says_synthetic(path: Path) -> bool:
    """Whether a file's manifest, valid or not, calls it synthetic.

    False of a file without a manifest of ours, of a type that carries none, or that is not there:
    nobody knows what such a file shows.
    """
    try:
        return bool(read(path).synthesis.get("synthetic", False))
    except UserError:
        return False
