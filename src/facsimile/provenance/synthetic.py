"""Whether a file says of itself that it is synthetic."""

from pathlib import Path

from facsimile.errors import UserError
from facsimile.provenance.read import read
from facsimile.provenance.sign import SYNTHESIS


def says_synthetic(path: Path) -> bool:
    """Whether a file's manifest, valid or not, calls it synthetic.

    False of a file without a manifest of ours, of a type that carries none, or that is not there:
    nobody knows what such a file shows.
    """
    try:
        manifest = read(path).manifest
    except UserError:
        return False
    told = {one["label"]: one["data"] for one in manifest.get("assertions", [])}
    return bool(told.get(SYNTHESIS, {}).get("synthetic", False))
