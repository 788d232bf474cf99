"""Where the pictures of faces lie: loose files for thousands, a tar a batch for millions."""

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from facsimile.media.files import atomic_path

#: Keeps an encoded picture under a name; returns its path, as `faces.parquet` gives it.
Keep = Callable[[str, bytes], str]


@contextmanager
def loose(folder: Path) -> Iterator[Keep]:
    """One file a picture, `images/<name>` below a folder.

    Each file is written once and in one go; the folder as a whole is what appears atomically.
    """
    made: set[Path] = set()

    def keep(name: str, picture: bytes) -> str:
        target = folder / "images" / name
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_bytes(picture)
        return f"images/{name}"

    yield keep


@contextmanager
def shard(folder: Path, batch: str) -> Iterator[Keep]:
    """One uncompressed tar a batch, `shards/<batch>.tar`; a picture is `shards/<batch>.tar/<name>`.

    Millions of small files are slow to list, to copy and for DVC to hash; a tar is one file, any
    tool reads it, its members can be read in place, and WebDataset streams it as it is. The same
    pictures give the same bytes: members carry no time and no owner. No picture, no tar; a tar
    that an error ends is not there.
    """
    path = f"shards/{batch}.tar"
    tars: list[tarfile.TarFile] = []
    with ExitStack() as stack:

        def keep(name: str, picture: bytes) -> str:
            if not tars:
                partial = stack.enter_context(atomic_path(folder / path))
                tar = tarfile.TarFile(partial, "w", format=tarfile.GNU_FORMAT)
                tars.append(stack.enter_context(tar))
            member = tarfile.TarInfo(name)
            member.size = len(picture)
            tars[0].addfile(member, io.BytesIO(picture))
            return f"{path}/{name}"

        yield keep
