"""What a file's content credentials say, and whether its bytes are still those that were signed."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from c2pa import C2paError, Context, Reader

from facsimile.errors import UserError
from facsimile.provenance.sign import settings

Status = Literal["valid", "tampered", "unsigned"]


@dataclass(frozen=True)
class Provenance:
    """The verdict on a file.

    `status` is about the bytes: signed and unchanged, changed after signing, or never signed.
    `trusted` is about the signer: on a public trust list. A local authority's signature is valid
    and not trusted. `manifest` is the active manifest, `problems` the validator's failure codes.
    """

    status: Status
    trusted: bool = False
    manifest: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read(path: Path) -> Provenance:
    """Read and check the manifest of a file, offline.

    Raises:
        UserError: there is no such file, or it is of a type that carries no manifest.
    """
    if not path.is_file():
        raise UserError(f"there is no {path}")
    try:
        with Context(settings()) as context:
            reader = Reader.try_create(path, context=context)
            if reader is None:
                return Provenance("unsigned")
            with reader:
                return _verdict(json.loads(reader.json()))
    except C2paError.NotSupported as error:
        raise UserError(f"{path} is of a type that carries no C2PA manifest: {error}") from error
    except C2paError as error:
        if not _holds_manifest(path):
            raise UserError(f"{path} cannot be read: {error}") from error
        return Provenance("tampered", problems=(str(error),))


def _holds_manifest(path: Path) -> bool:
    # The start of a C2PA box, found even where the file around it is no longer whole.
    with path.open("rb") as file:
        return b"jumdc2pa" in file.read()


def _verdict(store: dict[str, Any]) -> Provenance:
    state = store["validation_state"]
    active = store["manifests"][store["active_manifest"]]
    problems = tuple(item["code"] for item in store.get("validation_status", []))
    status: Status = "valid" if state in ("Valid", "Trusted") else "tampered"
    return Provenance(status, state == "Trusted", active, problems)
