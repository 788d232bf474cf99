"""Read a file's content credentials: is it synthetic, as it was signed, and signed here?"""

import json
from dataclasses import asdict
from pathlib import Path

from omegaconf import DictConfig

from facsimile.errors import UserError
from facsimile.media.files import atomic_path

EXIT_CODES = {"valid": 0, "tampered": 1, "unsigned": 3}


def run(cfg: DictConfig) -> None:
    """Print what `input=FILE` says of itself as JSON; with `output=`, write it there too.

    Only `signed_here` tells whether this machine signed it: others can sign a changed file anew.

    Raises:
        SystemExit: 1 for a file that was changed after signing, 3 for one without a signature.
        UserError: no input is given or it cannot be read.
    """
    from facsimile.provenance.read import read

    if cfg.input is None:
        raise UserError("verify needs a file: facsimile verify input=render.mp4")
    found = read(Path(cfg.input))
    text = json.dumps(asdict(found), indent=2, ensure_ascii=False)
    print(text)
    if cfg.output is not None:
        with atomic_path(Path(cfg.output)) as target:
            target.write_text(text + "\n", encoding="utf-8")
    if code := EXIT_CODES[found.status]:
        raise SystemExit(code)
