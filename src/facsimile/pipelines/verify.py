"""Read a file's content credentials: is it synthetic, as it was signed, and signed here?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from facsimile.errors import UserError
from facsimile.media.files import atomic_path

if TYPE_CHECKING:
    from facsimile.provenance.read import Provenance

EXIT_CODES = {"valid": 0, "tampered": 1, "unsigned": 3}


def run(cfg: DictConfig) -> None:
    """Print what `input=FILE` says of itself as JSON, the verdict before it in a line on stderr.

    With `output=` the JSON is written there too.

    Only `signed_here` tells whether this machine signed it: others can sign a changed file anew.

    Raises:
        SystemExit: 1 for a file that was changed after signing, 3 for one without a signature.
        UserError: no input is given or it cannot be read.
    """
    from facsimile.provenance.read import read

    if cfg.input is None:
        raise UserError("verify needs a file: facsimile verify input=render.mp4")
    found = read(Path(cfg.input))
    print(f"{cfg.input}: {in_words(found)}", file=sys.stderr)
    text = json.dumps(asdict(found), indent=2, ensure_ascii=False)
    print(text)
    if cfg.output is not None:
        with atomic_path(Path(cfg.output)) as target:
            target.write_text(text + "\n", encoding="utf-8")
    if code := EXIT_CODES[found.status]:
        raise SystemExit(code)


def in_words(found: Provenance) -> str:
    """The verdict in a line: its bytes, its signer, and what it says of itself.

    >>> from facsimile.provenance.read import Provenance
    >>> in_words(Provenance("unsigned"))
    'unsigned'
    >>> in_words(Provenance("tampered"))
    'tampered, not signed here; it does not say whether it is synthetic'
    """
    if found.status == "unsigned":
        return found.status
    signer = "signed here" if found.signed_here else "not signed here"
    if not found.synthesis:
        return f"{found.status}, {signer}; it does not say whether it is synthetic"
    said = "synthetic" if found.synthesis["synthetic"] else "not synthetic"
    return f"{found.status}, {signer}; it says that it is {said} ({found.synthesis['kind']})"
