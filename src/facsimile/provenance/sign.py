"""Content credentials: a signed C2PA manifest that says a file is synthetic, and out of what."""

import json
import mimetypes
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from c2pa import Builder, C2paError, C2paSignerInfo, C2paSigningAlg, Context, Settings, Signer

from facsimile.errors import UserError
from facsimile.media.files import atomic_path, sha256
from facsimile.provenance.ca import credentials

# IPTC's vocabulary: names that only look like addresses.
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SYNTHESIS = "facsimile.synthesis"
SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True)
class Claim:
    """What a manifest says of a file.

    `kind` is what was done; `model_sha256` the hash of the checkpoint, None of
    a net that is still learning; `training_data` the ids of
    the data it was trained on; `ingredients` the files the result was made from, such as the
    target video of a swap.
    """

    kind: Literal["swap", "enhancement"]
    description: str
    model: str
    model_sha256: str | None
    training_data: tuple[str, ...]
    consent: str
    ingredients: tuple[Path, ...] = ()

    @property
    def source_type(self) -> str:
        """IPTC's digital source type of the result."""
        names = {
            "swap": "compositeWithTrainedAlgorithmicMedia",
            "enhancement": "algorithmicallyEnhanced",
        }
        return SOURCE_TYPES + names[self.kind]


def sign(path: Path, output: Path, claim: Claim) -> None:
    """Write a copy of an mp4, jpg or png with a signed manifest embedded, atomically.

    The picture and sound are untouched. The signature is this machine's own (`ca.credentials`), so
    others read the manifest as valid but of an untrusted signer.

    Raises:
        UserError: the file or an ingredient is missing or of a type that carries no manifest.
    """
    for file in (path, *claim.ingredients):
        if not file.is_file():
            raise UserError(f"cannot sign: there is no {file}")
    try:
        with _context() as context, Builder(manifest(claim, output.name), context) as builder:
            for ingredient in claim.ingredients:
                _add_ingredient(builder, ingredient)
            with atomic_path(output) as partial:
                builder.sign_file(path, partial)
    except C2paError as error:
        raise UserError(f"cannot sign {path}: {error}") from error


def manifest(claim: Claim, title: str) -> dict[str, Any]:
    """Return the manifest's definition: claim generator, actions and the synthesis assertion."""
    agent = {"name": "facsimile", "version": version("facsimile")}
    created = {"action": "c2pa.created", "softwareAgent": agent}
    edited = {"action": "c2pa.edited", "softwareAgent": agent, "description": claim.description}
    actions = [{**action, "digitalSourceType": claim.source_type} for action in (created, edited)]
    synthesis = {
        "synthetic": True,
        "kind": claim.kind,
        "description": claim.description,
        "model": {"name": claim.model, "sha256": claim.model_sha256},
        "training_data": list(claim.training_data),
        "consent": claim.consent,
        "ingredients": [{"title": p.name, "sha256": sha256(p)} for p in claim.ingredients],
    }
    return {
        "title": title,
        "claim_generator_info": [agent],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": SYNTHESIS, "data": synthesis, "kind": "Json"},
        ],
    }


def _context() -> Context:
    found = credentials()
    info = C2paSignerInfo(
        alg=C2paSigningAlg.ES256,
        sign_cert=found.chain.encode(),
        private_key=found.key.encode(),
        ta_url=None,  # no time-stamp authority: signing works offline
    )
    return Context(settings(), Signer.from_info(info))


def settings(anchor: str | None = None) -> Settings:
    """Return c2pa settings that never touch the network and trust no one but `anchor` (PEM)."""
    trust = {"trust": {"trust_anchors": anchor}} if anchor else {}
    return Settings.from_json(json.dumps(SETTINGS | trust))


def _add_ingredient(builder: Builder, path: Path) -> None:
    kind, _ = mimetypes.guess_type(path.name)
    described = json.dumps({"title": path.name, "relationship": "inputTo"})
    with path.open("rb") as stream:
        builder.add_ingredient(described, kind or path.suffix.lstrip("."), stream)
