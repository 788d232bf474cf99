"""A data set's file below conf/local/data: written so that every command can use it at once."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from facsimile.data.description import NAME, DataSetDescription
from facsimile.media.files import atomic_path
from facsimile.studio.by_hand import by_hand

_HEAD = """\
# @package _global_
# Written by the studio; what is edited here by hand is shown there. `facsimile extract data={name}`
"""
_OWN = ("file_types", "height", "width", "resize", "colour", "details", "degradations")


class DescriptionFiles:
    """The files of the data sets that were added on this machine.

    Args:
        local: The folder on Hydra's search path.
    """

    def __init__(self, local: Path) -> None:
        self.folder, self._chains = local / "data", local / "degradation"

    def names(self) -> Iterator[str]:
        """Of every file that can be a data set's."""
        if self.folder.is_dir():
            stems = (path.stem for path in self.folder.glob("*.yaml"))
            yield from sorted(stem for stem in stems if re.match(NAME, stem))

    def path(self, name: str) -> Path:
        """Where a data set's file is."""
        return self.folder / f"{name}.yaml"

    def stamp(self, name: str) -> str | None:
        """What changes whenever the file is written; None where there is none."""
        try:
            stat = self.path(name).stat()
        except OSError:
            return None
        return f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ino}"

    def write(self, said: DataSetDescription) -> str:
        """Write a data set's file, and that of its degradations; returns the text.

        Settings that no description has, written there by hand, stay; comments do not.
        """
        chain = self._chains / f"{chain_name(said.name)}.yaml"
        if len(said.degradations) > 1:
            _write(chain, chain_text(said))
        path = self.path(said.name)
        text = dumped(said, path.read_text(encoding="utf-8") if path.is_file() else "")
        _write(self.path(said.name), text)
        if len(said.degradations) < 2:
            chain.unlink(missing_ok=True)
        return text

    def restore(self, name: str, text: str, said: DataSetDescription | None) -> None:
        """Write the very text of an earlier file."""
        if said is not None and len(said.degradations) > 1:
            _write(self._chains / f"{chain_name(name)}.yaml", chain_text(said))
        _write(self.path(name), text)

    def remove(self, name: str) -> None:
        """Delete a data set's file, and that of its degradations."""
        self.path(name).unlink(missing_ok=True)
        (self._chains / f"{chain_name(name)}.yaml").unlink(missing_ok=True)


def etag(content: bytes) -> str:
    """The hash that tells whether a file is still the same."""
    return hashlib.sha256(content).hexdigest()[:32]


def chain_name(name: str) -> str:
    """What the degradations of a data set are called, where there are several."""
    return f"{name}_chain"


def dumped(said: DataSetDescription, earlier: str = "") -> str:
    """The text of a data set's file, with what was written by hand into an earlier one.

    >>> stated = {"licence": "my own", "consent": "I am shown"}
    >>> said = DataSetDescription(name="a", root="/x", kind="folder", crop=128, **stated)
    >>> yaml.safe_load(dumped(said))["params"]["extract"]
    {'image_size': 128}
    """
    content = {
        "defaults": list(_defaults(said)),
        "data": _data(said),
        "params": {"extract": _extract(said), "split": {"identity": _split(said)}},
    }
    content = by_hand(earlier, content)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return _HEAD.format(name=said.name) + text


def chain_text(said: DataSetDescription) -> str:
    """The text of a degradation that applies those of a data set one after another."""
    parts = [f"{name}@_global_.data.chain.step_{n}" for n, name in enumerate(said.degradations, 1)]
    content = {
        "defaults": parts,
        "_target_": "facsimile.degradations.chain.Chain",
        "degradations": "${oc.dict.values:data.chain}",
    }
    return (
        f"# of data={said.name}, written by the studio\n{yaml.safe_dump(content, sort_keys=False)}"
    )


def _defaults(said: DataSetDescription) -> Iterator[Any]:
    yield f"/data/{said.kind}@data"
    yield {"override /detector": said.detector}
    if len(said.degradations) == 1:
        yield {"override /degradation": said.degradations[0]}
    elif said.degradations:
        yield {"override /degradation": chain_name(said.name)}


def _data(said: DataSetDescription) -> dict[str, Any]:
    given = {"name": said.name, "kind": said.kind, **_place(said)}
    given |= {"source": said.source or said.root, "licence": said.licence, "consent": said.consent}
    given |= {"citation": said.citation or "none known"}
    chosen = {key: getattr(said, key) for key in _OWN}
    given |= {key: value for key, value in chosen.items() if value not in (None, [], "")}
    given |= {key: value for key in ("frames", "pattern", "table") if (value := getattr(said, key))}
    # read back from here, whatever is changed below params by hand
    given["crop"] = "${params.extract.image_size}" if isinstance(said.crop, int) else said.crop
    if said.coverage is not None:
        given["coverage"] = "${params.extract.coverage}"
    identity = "${params.split.identity."
    given |= {f"{one}_share": f"{identity}unlisted.{one}}}" for one in ("val", "test")}
    given |= {f"{one}_people": f"{identity}patterns.{one}}}" for one in ("val", "test")}
    return given


def _place(said: DataSetDescription) -> dict[str, str]:
    if said.address:
        return {"address": said.address, "root": f"${{paths.raw}}/{said.name}"}
    relative = "" if Path(said.root).is_absolute() else "${paths.root}/"
    return {"root": f"{relative}{said.root}"}


def _extract(said: DataSetDescription) -> dict[str, Any]:
    chosen = {"image_size": said.crop, "coverage": said.coverage}
    return {key: value for key, value in chosen.items() if value not in (None, "no", "face")}


def _split(said: DataSetDescription) -> dict[str, Any]:
    people = {"test": list(said.test_people), "val": list(said.val_people), "train": []}
    shares = {"val": said.val_share, "test": said.test_share}
    return {"patterns": people, "official": said.official_split, "unlisted": shares}


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")
