"""OpenForensics: photos of several faces, each marked real or forged, in COCO's layout."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from facsimile.data.coco import Face, Photo, read_photos
from facsimile.data.listing import Listing, official_split
from facsimile.data.lists import ListError
from facsimile.data.packed import Places, contents, spellings
from facsimile.data.problems import Problem
from facsimile.data.records import Annotation, Clip
from facsimile.data.tree import is_image

LIST_ENDING = "_poly.json"


class OpenForensicsDataset(Listing):
    """The photos that the `{Train,Val,Test-Dev,Test-Challenge}_poly.json` below a folder list.

    A photo is a clip, named by its list and file and by nothing else, since the lists number their
    photos alike. Its faces are its `annotations`, each with a label of its own; the clip's
    label is 1 if any face is forged, be it too small to be used. The faces of one photo have one
    origin, the photo, and stay in one split; `official` is the list's, both tests being test.
    Nobody is named.

    A photo is where its list says, or there without `Images/`, or else the only one of its name
    that no entry of any list names exactly and whose folders name the list's split or none
    (`Train/Train/x.jpg`). Boxes are cut at the photo's border.

    Lists and photos may lie in zip or tar archives. What is there both packed and unpacked is taken
    once, unpacked; a clip has the same name either way.

    Args:
        root: The folder that holds the lists, at any depth, and the photos.
        name: What its clips give as their data set.
        min_size: Faces of which a side is shorter are set aside, pixels of the photo.

    Raises:
        UserError: there is no such folder.
    """

    def __init__(
        self, root: Path | str, name: str = "openforensics", min_size: float = 16.0
    ) -> None:
        super().__init__(root, name)
        self.min_size = min_size

    def entries(self) -> Iterator[Clip | Problem]:
        """The problems of files, then each list's photos in the list's order."""
        found = list(contents(self.root))
        yield from (one for one in found if isinstance(one, Problem))
        files = [one for one in found if isinstance(one, str)]
        places = _Photos([name for name in files if is_image(name)])
        lists: dict[str, list[Photo]] = {name: [] for name in files if _is_list(name)}
        for name, photos in lists.items():
            yield from self._read(name, photos, places)
        for name, photos in lists.items():
            yield from self._list(name, photos, places)
        yield from places.unlisted()

    def _read(self, path: str, photos: list[Photo], places: "_Photos") -> Iterator[Problem]:
        """Fill `photos`, and tell `places` what is going to be asked for."""
        try:
            for photo in read_photos(self.root / path):
                if isinstance(photo, Problem):
                    yield Problem(f"{path}#{photo.path}", photo.reason)
                else:
                    photos.append(photo)
                    places.expect(path, photo.file)
        except ListError as error:
            yield Problem(path, str(error))

    def _list(self, path: str, photos: list[Photo], places: "_Photos") -> Iterator[Clip | Problem]:
        split, names = _split(path), Counter[str]()
        for photo in photos:
            stem = photo.file.rpartition("/")[2].rpartition(".")[0]
            name = f"{split}/{stem}-{photo.id}" if names[stem] else f"{split}/{stem}"
            names[stem] += 1
            place = places.find(path, photo.file)
            if isinstance(place, Problem):
                yield place
            else:
                yield from self._photo(photo, name, place)

    def _photo(self, photo: Photo, clip: str, place: str) -> Iterator[Clip | Problem]:
        faces = []
        for face in photo.faces:
            if isinstance(kept := self._face(face, photo), str):
                yield Problem(f"{place}#face {face.id}", kept)
            else:
                faces.append(kept)
        if not faces:
            yield Problem(place, "no face of it that can be used is marked")
            return
        yield Clip(
            self.root / place,
            self.name,
            clip,
            "",
            "image",
            label=max(face.label for face in photo.faces),
            origin=clip,
            official=official_split(clip.partition("/")[0]),
            annotations=tuple(faces),
        )

    def _face(self, face: Face, photo: Photo) -> Annotation | str:
        """The face with its box cut at the border, or why it cannot be used."""
        if face.is_crowd:
            return "the box holds a crowd, not one face"
        x, y, width, height = face.bbox
        left, top = max(x, 0.0), max(y, 0.0)
        right, bottom = min(x + width, photo.width), min(y + height, photo.height)
        if right <= left or bottom <= top:
            return f"the box lies off the image of {photo.width} x {photo.height} pixels"
        if min(right - left, bottom - top) < self.min_size:
            size = f"{right - left:.0f} x {bottom - top:.0f}"
            return f"the face is too small: {size} pixels, wanted are {self.min_size:.0f}"
        return Annotation((left, top, right - left, bottom - top), face.label)


class _Photos:
    """Where the photos are that lists name; each is given away once.

    What is going to be asked for is told first: a photo that one entry names exactly is never
    taken for another entry's, whose own is missing and has the same base name.
    """

    def __init__(self, images: list[str]) -> None:
        self._left, self._places = dict.fromkeys(images), Places(images)
        self._by_name: dict[str, list[str]] = {}
        for image in images:
            self._by_name.setdefault(_base(image), []).append(image)
        self._exact: set[str] = set()
        self._loose: dict[str, set[tuple[str, str]]] = {}

    def expect(self, path: str, file: str) -> None:
        """Tell that a file name stands in the list at `path`."""
        if place := self._as_given(path, file):
            self._exact.add(place)
        else:
            self._loose.setdefault(_base(file), set()).add((path, file))

    def find(self, path: str, file: str) -> str | Problem:
        """The photo of a file name in the list at `path`, or why there is none."""
        where, exact = f"{_split(path)}/{file}", self._as_given(path, file)
        places = [exact] if exact else self._near(path, file)
        if not places:
            return Problem(where, "the list names it, but it is not there")
        if len(places) > 1:
            return Problem(where, f"several photos have this name: {', '.join(places)}")
        if not exact and self._meant_by(places[0]) > 1:
            return Problem(where, f"several entries may mean {places[0]}")
        if places[0] not in self._left:
            return Problem(where, f"an earlier entry has it: {places[0]}")
        del self._left[places[0]]
        return places[0]

    def unlisted(self) -> Iterator[Problem]:
        """The photos that were given to nobody."""
        return (Problem(image, f"no *{LIST_ENDING} names it") for image in self._left)

    def _as_given(self, path: str, file: str) -> str | None:
        shorter = file.partition("/")[2] if file.lower().startswith("images/") else file
        named = self._places.beside(path, file) or self._places.beside(path, shorter)
        return named[0] if len(named) == 1 else None

    def _near(self, path: str, file: str) -> list[str]:
        same = self._by_name.get(_base(file), [])
        return [one for one in same if one not in self._exact and _may_be_of(one, _split(path))]

    def _meant_by(self, image: str) -> int:
        """How many entries a photo may belong to that none names exactly."""
        loose = self._loose.get(_base(image), ())
        return sum(_may_be_of(image, _split(path)) for path, _ in loose)


def _is_list(name: str) -> bool:
    return name.lower().endswith(LIST_ENDING)


def _split(path: str) -> str:
    return path.rpartition("/")[2][: -len(LIST_ENDING)]


def _base(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _may_be_of(image: str, split: str) -> bool:
    """Whether the folders name this split or none: the same name may be another photo in another.

    >>> _may_be_of("a/Train/Train/x.jpg", "Train"), _may_be_of("Val/x.jpg", "Train")
    (True, False)
    """
    parts = spellings(image)[-1].lower().split("/")[:-1]
    folders = [part for part in parts if official_split(part)]
    return split.lower() in folders or not folders
