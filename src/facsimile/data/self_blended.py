"""Pairs of a face and its self-blended fake, as `facsimile self-blend` writes them."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from facsimile.data.batching import safe_file_name
from facsimile.data.folder import FolderDataset
from facsimile.data.problems import Problem
from facsimile.data.records import Clip

#: Of the paths: `fake/orl_s1/2-s1_000003.png` is the second fake of one picture.
PATTERN = "{label}/{subject}/{name}-{origin}"

#: blends.parquet, one row a pair. `photo` is the path in the folder of faces that it was made of;
#: `difference` is that of `Blend`, grey levels.
BLENDS = pa.schema(
    [
        ("real", pa.string()),
        ("fake", pa.string()),
        ("photo", pa.string()),
        ("subject", pa.string()),
        ("number", pa.int16()),
        ("ratio", pa.float32()),
        ("changed", pa.string()),
        ("difference", pa.float32()),
    ]
)


class SelfBlendedDataset(FolderDataset):
    """The pairs below a folder: every picture a clip and a crop already, its pixels to be kept.

    All that was made of one picture has one origin, and its subject is who the picture shows, so
    that no split divides them.

    Args:
        root: The folder.
        name: What the clips give as their data set.

    Raises:
        UserError: There is no such folder.
    """

    def __init__(self, root: Path | str, name: str = "self_blended") -> None:
        super().__init__(root, name, pattern=PATTERN)

    def entries(self) -> Iterator[Clip | Problem]:
        """As in `FolderDataset`."""
        for entry in super().entries():
            yield replace(entry, cropped=True) if isinstance(entry, Clip) else entry


def pair_paths(subject: str, clip: str, frame: int, face: int, number: int) -> tuple[str, str]:
    """Where the real picture and the fake of a pair lie in the data set's folder.

    >>> pair_paths("orl_s1", "s1", 3, 0, 2)
    ('real/orl_s1/2-s1_000003.png', 'fake/orl_s1/2-s1_000003.png')
    """
    name = f"{number}-{safe_file_name(clip)}_{frame:06d}{f'_{face}' if face else ''}.png"
    folder = safe_file_name(subject)
    return f"real/{folder}/{name}", f"fake/{folder}/{name}"


def pair_seed(seed: int, photo: str, number: int) -> list[int]:
    """What the generator of one pair starts from: nothing else decides what is drawn.

    Args:
        seed: The run's.
        photo: Path of the picture.
        number: Of the picture's pairs, which one.
    """
    return [seed, number, int(hashlib.sha256(photo.encode()).hexdigest()[:16], 16)]
