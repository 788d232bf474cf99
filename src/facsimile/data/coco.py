"""Photos and the real and forged faces on them, out of a list in COCO's layout."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from facsimile.data.listing import label_of
from facsimile.data.lists import ListError, read_json
from facsimile.data.problems import Problem

_KEYS = ("images", "annotations")
REAL_AND_FAKE = {0: 0, 1: 1}  # OpenForensics' ids, where a list does not name them


@dataclass(frozen=True, slots=True)
class Face:
    """One annotation: its box x, y, width, height in pixels, as it stands in the list."""

    id: int
    bbox: tuple[float, float, float, float]
    label: int
    is_crowd: bool


@dataclass(frozen=True, slots=True)
class Photo:
    """One image of a list and its annotations; `file` is what the list says."""

    id: int
    file: str
    width: int
    height: int
    faces: list[Face] = field(default_factory=list)


def read_photos(path: Path) -> Iterator[Photo | Problem]:
    """The problems of a list's entries, then its photos in its order.

    The polygons are left out while the list is read: they are nearly all of it.

    Raises:
        ListError: the file is no such list.
    """
    content, _ = read_json(path, drop=("segmentation",))
    parts = [content.get(key) if isinstance(content, dict) else None for key in _KEYS]
    if not all(isinstance(part, list) for part in parts):
        raise ListError(f"it lacks a list of {' or '.join(_KEYS)}")
    photos: dict[int, Photo] = {}
    yield from _photos(parts[0] or [], photos)
    yield from _faces(parts[1] or [], photos, _labels(content.get("categories")))
    yield from photos.values()


def _photos(entries: list[Any], photos: dict[int, Photo]) -> Iterator[Problem]:
    for place, entry in enumerate(entries):
        photo = _photo(entry)
        if photo is None:
            yield Problem(f"images[{place}]", "it lacks an id, a file_name or a size above 0")
        elif photo.id in photos:
            reason = f"the id {photo.id} belongs to {photos[photo.id].file} already"
            yield Problem(photo.file, reason)
        else:
            photos[photo.id] = photo


def _photo(entry: Any) -> Photo | None:
    try:
        size = int(entry["width"]), int(entry["height"])
        photo = Photo(int(entry["id"]), str(entry["file_name"]).replace("\\", "/"), *size)
    except (KeyError, TypeError, ValueError):
        return None
    return photo if min(size) > 0 and photo.file else None


def _faces(
    entries: list[Any], photos: dict[int, Photo], labels: dict[int, int]
) -> Iterator[Problem]:
    seen: set[int] = set()
    for place, entry in enumerate(entries):
        try:
            photo, face = int(entry["image_id"]), _face(entry, labels)
        except (KeyError, TypeError, ValueError):
            reason = "it lacks an id, an image_id, a category that is known or a box of 4 numbers"
            yield Problem(f"annotations[{place}]", reason)
            continue
        if photo not in photos:
            yield Problem(f"annotation {face.id}", f"there is no image {photo} in the list")
        elif face.id in seen:
            yield Problem(f"annotation {face.id}", "the id is taken by an earlier annotation")
        else:
            seen.add(face.id)
            photos[photo].faces.append(face)


def _face(entry: Any, labels: dict[int, int]) -> Face:
    x, y, width, height = (float(number) for number in entry["bbox"])
    if not all(map(isfinite, (x, y, width, height))):
        raise ValueError("a box without bounds")
    label = labels[int(entry["category_id"])]
    return Face(int(entry["id"]), (x, y, width, height), label, bool(entry.get("iscrowd")))


def _labels(categories: Any) -> dict[int, int]:
    """What the category ids mean, by the names that the list gives them."""
    named: dict[int, int] = {}
    for category in categories if isinstance(categories, list) else []:
        if isinstance(category, dict) and isinstance(category.get("id"), int):
            label = label_of(category.get("name"))
            if label is not None:
                named[category["id"]] = label
    return named or REAL_AND_FAKE
