"""Which of a frame's faces are replaced: the largest, every one, or one person's."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from facsimile.faces.detect import Face
from facsimile.faces.identity import cosine
from facsimile.faces.tracks import Tracks

Image = UInt8[np.ndarray, "h w 3"]
Embed = Callable[[np.ndarray, np.ndarray], np.ndarray]

_LOOKS, _EVERY = 5, 10  # frames of a track in which it is looked at, at first and later on
_GRID, _CUT = 16, 12.0  # grey levels between two frames, in a picture of so many pixels square


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
    """Choose one person's face where there are several; a lone face is taken unseen.

    The faces are linked into tracks by their places, and that track is taken whose mean embedding
    is nearest to the person: one blurred or turned face decides nothing. An embedding costs more
    than finding the faces does. One is taken of each face in the first few frames of its track,
    then in every tenth frame; of frames with a single face none.

    Args:
        embed: Gives the unit embedding of the face with these landmarks in this image.
        person: The embedding of the person to be found.
    """

    def __init__(self, embed: Embed, person: Float[np.ndarray, " d"]) -> None:
        self.embed = embed
        self.person = person
        self._before: Float[np.ndarray, "g g"] | None = None
        self._forget()

    def _forget(self) -> None:
        self._tracks = Tracks()
        self._seen: dict[int, list[Float[np.ndarray, " d"]]] = {}
        self._frame = 0

    def __call__(self, image: Image, faces: Sequence[Face]) -> Sequence[Face]:
        """As in `Choice`."""
        if self._is_cut(image):
            self._forget()
        numbers = self._tracks.link(list(faces))
        if len(faces) < 2:
            return faces
        near = [self._near(image, face, at) for face, at in zip(faces, numbers, strict=True)]
        self._frame += 1
        return [faces[int(np.argmax(near))]]

    def _near(self, image: Image, face: Face, number: int) -> float:
        seen = self._seen.setdefault(number, [])
        if len(seen) < _LOOKS or self._frame % _EVERY == 0:
            seen.append(self.embed(image, face.landmarks))
        return cosine(np.mean(seen, axis=0), self.person)

    def _is_cut(self, image: Image) -> bool:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (_GRID, _GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
        before, self._before = self._before, small
        return before is not None and float(np.abs(small - before).mean()) > _CUT
