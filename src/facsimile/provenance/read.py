"""What a file's content credentials say, whether its bytes are those that were signed, by whom."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from c2pa import C2paError, Context, Reader

from facsimile.errors import UserError
from facsimile.provenance.ca import authority
from facsimile.provenance.sign import SYNTHESIS, settings

Status = Literal["valid", "tampered", "unsigned"]


@dataclass(frozen=True)
class Provenance:
    """The verdict on a file.

    `status` is about the bytes: signed and unchanged, changed after signing, or never signed.
    Anybody can change a file and sign it anew, so `valid` alone does not say that it is as
    facsimile wrote it. `signed_here` is about the signer: the certificate was issued by the
    authority in this user's FACSIMILE_HOME, so a file signed on another machine is valid and not
    signed here, and so is a forgery. `manifest` is the active manifest, `problems` the
    validator's failure codes.
    """

    status: Status
    signed_here: bool = False
    manifest: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def synthesis(self) -> dict[str, Any]:
        """What we wrote of its making, as `synthetic` and `kind`; empty of another's file."""
        told = {one["label"]: one["data"] for one in self.manifest.get("assertions", [])}
        return dict(told.get(SYNTHESIS, {}))


def read(path: Path) -> Provenance:
    """Read and check the manifest of a file, offline.

    Raises:
        UserError: there is no such file, it is of a type that carries no manifest, or this
            machine's own certificate cannot be read.
    """
    if not path.is_file():
        raise UserError(f"there is no {path}")
    anchor = authority()
    try:
        with Context(settings(anchor)) as context:
            reader = Reader.try_create(path, context=context)
            if reader is None:
                return Provenance("unsigned")
            with reader:
                return _verdict(json.loads(reader.json()), anchor)
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


def _verdict(store: dict[str, Any], anchor: str | None) -> Provenance:
    state = store["validation_state"]
    active = store["manifests"][store["active_manifest"]]
    problems = tuple(item["code"] for item in store.get("validation_status", []))
    status: Status = "valid" if state in ("Valid", "Trusted") else "tampered"
    # Our authority is the only anchor that c2pa is given: what it trusts was signed here.
    return Provenance(status, anchor is not None and state == "Trusted", active, problems)
