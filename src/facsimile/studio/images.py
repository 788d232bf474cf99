"""What is known of the single files of the data sets, and small pictures of them."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from facsimile.media.files import atomic_path
from facsimile.media.image import encode_image
from facsimile.studio.errors import NotFoundError
from facsimile.studio.parameters import first_picture
from facsimile.studio.schema import ImageInfo, Images
from facsimile.studio.sources import Sources
from facsimile.studio.store import DataSets
from facsimile.studio.tables import ImageRow

SIDE = 256  # of a small picture, pixels


class ImageParameters:
    """Lists files of data sets, and draws them small: decoded, and encoded anew.

    Args:
        engine: The database.
        datasets: Whose files they are.
        sources: Where these lie.
        folder: Where small pictures are kept.
        pixels: That a picture may have.
    """

    def __init__(
        self, engine: Engine, datasets: DataSets, sources: Sources, folder: Path, pixels: int
    ) -> None:
        self._engine, self._datasets, self._sources = engine, datasets, sources
        self._folder, self._pixels = folder, pixels

    def list(self, name: str, page: int = 1, size: int = 50) -> Images:
        """Some of the files that the last check of a data set kept."""
        number = self._datasets.get(name).number
        query = select(ImageRow).where(ImageRow.number == number)
        with Session(self._engine) as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.scalars(
                query.order_by(ImageRow.id).limit(size).offset((page - 1) * size)
            )
            items = [image_info(row) for row in rows]
        return Images(items=items, total=total, page=page, pages=max(1, -(-total // size)))

    def get(self, name: str, image: int) -> ImageInfo:
        """A file of a data set; raises NotFoundError where there is none."""
        number = self._datasets.get(name).number
        with Session(self._engine) as session:
            row = session.get(ImageRow, image)
            if row is None or row.number != number:
                raise NotFoundError(f"{name} has no file {image}")
            return image_info(row)

    def picture(self, name: str, image: int) -> np.ndarray:
        """A file as an RGB picture, of a video the first frame.

        Raises:
            UserError: It is not there any more, or cannot be read.
        """
        known = self.get(name, image)
        root = self._sources.listing(self._datasets.described(name)).root
        kind = "video" if known.type.startswith("video") else "image"
        return first_picture(root / known.path, kind, self._pixels)

    def thumbnail(self, name: str, image: int) -> bytes:
        """A file as a JPEG of at most 256 pixels a side."""
        known = self.get(name, image)
        kept = self._folder / f"{known.sha256}.jpg"
        if known.sha256 and kept.is_file():
            return kept.read_bytes()
        data = encode_image(small(self.picture(name, image)), ".jpg")
        if known.sha256:
            with atomic_path(kept) as partial:
                partial.write_bytes(data)
        return data


def small(picture: np.ndarray, side: int = SIDE) -> np.ndarray:
    """A picture scaled down to fit a square."""
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def store_images(session: Session, number: int, rows: Sequence[ImageRow]) -> None:
    """Replace what is known of the files of a data set."""
    session.execute(delete(ImageRow).where(ImageRow.number == number))
    session.add_all(rows)


def image_info(row: ImageRow) -> ImageInfo:
    """What is known of a file, as it is shown."""
    return ImageInfo(**{key: getattr(row, key) for key in ImageInfo.model_fields})
