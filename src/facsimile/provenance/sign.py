"""Content credentials: a signed C2PA manifest that says a file is synthetic or edited, and how."""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from c2pa import Builder, C2paError, C2paSignerInfo, C2paSigningAlg, Context, Settings, Signer

from facsimile.errors import UserError
from facsimile.media.files import atomic_path, sha256
from facsimile.provenance.ca import credentials
from facsimile.provenance.media_type import media_type

# IPTC's vocabulary: names that only look like addresses.
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SYNTHESIS = "facsimile.synthesis"
PARENT = "parent"  # what the actions call the ingredient until it is signed
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
    target video of a swap; `parent` the file of which it is an edited version, None of what shows
    no single one; `shows_synthetic` whether it shows what was synthetic before.
    """

    kind: Literal["swap", "enhancement", "detection", "self_blend", "stress", "measurement"]
    description: str
    model: str
    model_sha256: str | None
    training_data: tuple[str, ...]
    consent: str
    ingredients: tuple[Path, ...] = ()
    parent: Path | None = None
    shows_synthetic: bool = False

    @property
    def sources(self) -> tuple[Path, ...]:
        """All files that the result comes from, the parent first."""
        return self.ingredients if self.parent is None else (self.parent, *self.ingredients)

    @property
    def source_type(self) -> str:
        """IPTC's digital source type of the result.

        It counts restoring, as reducing noise, among corrections by algorithm that leave the main
        content; a face that is put in comes from a generative model, one that is blended with
        itself from a camera.
        """
        names = {
            "swap": "compositeWithTrainedAlgorithmicMedia",
            "enhancement": "algorithmicallyEnhanced",
            "detection": "composite",  # of a picture and a detector's heat map
            "self_blend": "compositeCapture",
            "stress": "composite",  # of any elements: graphics too
            "measurement": "composite",  # of two pictures and where they differ
        }
        return SOURCE_TYPES + names[self.kind]


def sign(path: Path, output: Path, claim: Claim) -> None:
    """Write a copy of an mp4, jpg or png with a signed manifest embedded, atomically.

    The picture and sound are untouched. The signature is this machine's own (`ca.credentials`), so
    others read the manifest as valid but of an untrusted signer.

    Raises:
        UserError: the file or an ingredient is missing or of a type that carries no manifest.
    """
    for file in (path, *claim.sources):
        if not file.is_file():
            raise UserError(f"cannot sign: there is no {file}")
    try:
        with _context() as context, Builder(manifest(claim, output.name), context) as builder:
            if claim.parent is not None:
                _add_ingredient(builder, claim.parent, relationship="parentOf", label=PARENT)
            for ingredient in claim.ingredients:
                _add_ingredient(builder, ingredient, relationship="inputTo")
            with atomic_path(output) as partial:
                builder.sign_file(path, partial)
    except C2paError as error:
        raise UserError(f"cannot sign {path}: {error}") from error


def manifest(claim: Claim, title: str) -> dict[str, Any]:
    """Return the manifest's definition: claim generator, actions and the synthesis assertion."""
    agent = {"name": "facsimile", "version": version("facsimile")}
    synthesis = {
        "synthetic": claim.shows_synthetic
        or claim.kind not in ("detection", "stress", "measurement"),
        "kind": claim.kind,
        "description": claim.description,
        "model": {"name": claim.model, "sha256": claim.model_sha256},
        "training_data": list(claim.training_data),
        "consent": claim.consent,
        "ingredients": [{"title": p.name, "sha256": sha256(p)} for p in claim.sources],
    }
    return {
        "title": title,
        "claim_generator_info": [agent],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _actions(claim, agent)}},
            {"label": SYNTHESIS, "data": synthesis, "kind": "Json"},
        ],
    }


def _actions(claim: Claim, agent: dict[str, str]) -> list[dict[str, Any]]:
    """How the file came to be, then what was done: C2PA wants the first to be one of these two."""
    source = {"softwareAgent": agent, "digitalSourceType": claim.source_type}
    began: dict[str, Any] = {"action": "c2pa.created", **source}
    if claim.parent is not None:  # where that comes from is not ours to state
        opened = {"ingredientIds": [PARENT]}
        began = {"action": "c2pa.opened", "softwareAgent": agent, "parameters": opened}
    return [began, {"action": "c2pa.edited", **source, "description": claim.description}]


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


def _add_ingredient(builder: Builder, path: Path, **described: str) -> None:
    with path.open("rb") as stream:
        builder.add_ingredient(
            json.dumps({"title": path.name, **described}), media_type(path), stream
        )
