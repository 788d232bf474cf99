"""Which of a frame's faces are replaced: the largest, every one, or one person's."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.faces.detect import Face
from facsimile.faces.identity import cosine
from facsimile.faces.tracks import Tracks

Image = UInt8[np.ndarray, "h w 3"]
Embed = Callable[[np.ndarray, np.ndarray], np.ndarray]

_LOOKS, _EVERY = 5, 10  # frames of a track in which it is looked at, at first and later on
_GRID = 16  # side of the picture in which a face is compared with that of the frame before
# Their correlation: .8 and more of one person, also under flickering lamps; below .65 of two of the
# sample clips, below .75 of 19 in 20 pairs of ORL's people, who are lit and framed alike.
_ALIKE = 0.75


@runtime_checkable
class Choice(Protocol):
    """Chooses among the faces of each frame of a clip; the frames are given in their order."""

    def __call__(self, image: Image, faces: Sequence[Face]) -> Sequence[Face]:
        """Those of the faces that are replaced.

        Args:
            image: The frame, RGB.
            faces: In it, the most prominent first.
        """
        ...


def largest(image: Image, faces: Sequence[Face]) -> Sequence[Face]:
    """Choose the most prominent face, if there is one; costs nothing."""
    return faces[:1]


def every(image: Image, faces: Sequence[Face]) -> Sequence[Face]:
    """Choose all faces; each costs as much as the only one."""
    return faces


class ByIdentity:
    """Choose one person's face, and leave alone whoever is not that person.

    The faces are linked into tracks by their places, and a track is the person's once the mean of
    its last embeddings is near enough to the person; of several the nearest, so that no blurred or
    turned face decides. It then stays the person's as long as it lasts: in a frame without other
    faces nothing is embedded any more. Any other face is embedded in the first few frames of its
    track, then in every tenth, since an embedding costs as much as to swap a few faces. A face that
    looks unlike the one at its place a frame before, as after a cut, begins a new track.

    Args:
        embed: Gives the unit embedding of the face with these landmarks in this image.
        person: The embedding of the person to be found.
        same_person: The embedder's cosine from which on two faces are one person's.
    """

    def __init__(self, embed: Embed, person: Float[np.ndarray, " d"], same_person: float) -> None:
        self.embed = embed
        self.person = person
        self.same_person = same_person
        self._forget()

    def _forget(self) -> None:
        self._tracks = Tracks()
        self._before: dict[int, Float32[np.ndarray, "g g"]] = {}
        self._seen: dict[int, deque[Float[np.ndarray, " d"]]] = {}
        self._theirs: int | None = None
        self._frame = -1

    def __call__(self, image: Image, faces: Sequence[Face]) -> Sequence[Face]:
        """As in `Choice`."""
        numbers = self._linked(image, faces)
        self._frame += 1
        if numbers == [self._theirs]:
            return faces
        near = {n: self._near(image, face, n) for face, n in zip(faces, numbers, strict=True)}
        theirs = [n for n in numbers if near[n] >= self.same_person or n == self._theirs]
        if not theirs:
            return []
        self._theirs = max(theirs, key=near.__getitem__)
        return [faces[numbers.index(self._theirs)]]

    def _linked(self, image: Image, faces: Sequence[Face]) -> list[int]:
        """The track of each face; all begin anew where one of them does not go on."""
        small = [_small(image, face) for face in faces]
        numbers = self._tracks.link(list(faces))
        both = zip(numbers, small, strict=True)
        if any(n in self._before and _unlike(self._before[n], now) for n, now in both):
            self._forget()
            numbers = self._tracks.link(list(faces))
        before, live = self._before | dict(zip(numbers, small, strict=True)), self._tracks.live
        self._before = {n: face for n, face in before.items() if n in live}
        self._seen = {n: seen for n, seen in self._seen.items() if n in live}
        return numbers

    def _near(self, image: Image, face: Face, number: int) -> float:
        seen = self._seen.setdefault(number, deque(maxlen=_LOOKS))
        if len(seen) < _LOOKS or self._frame % _EVERY == 0:
            seen.append(self.embed(image, face.landmarks))
        return cosine(np.mean(seen, axis=0), self.person)


def _small(image: Image, face: Face) -> Float32[np.ndarray, "g g"]:
    """What is in a face's box, grey, whatever its brightness and contrast."""
    x, y, width, height = face.bbox
    left = min(max(round(x), 0), image.shape[1] - 1)
    top = min(max(round(y), 0), image.shape[0] - 1)
    box = image[top : max(round(y + height), top + 1), left : max(round(x + width), left + 1)]
    small = cv2.resize(box, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey -= grey.mean()
    return np.asarray(grey / max(float(np.linalg.norm(grey)), 1e-6), np.float32)


def _unlike(before: Float32[np.ndarray, "g g"], now: Float32[np.ndarray, "g g"]) -> bool:
    return float(np.vdot(before, now)) < _ALIKE
