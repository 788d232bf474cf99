"""Detectors, degradations and nets by name, each made once and used by one thread at a time."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from jaxtyping import UInt8

from facsimile.degradations.protocol import Image
from facsimile.faces.detect import Detector, Face
from facsimile.provenance.sign import Claim
from facsimile.studio.errors import RefusedError
from facsimile.studio.models import Enhance
from facsimile.studio.settings import Tools

T = TypeVar("T")


class OneByOne:
    """A detector that waits for another thread's call to end."""

    def __init__(self, detector: Detector) -> None:
        self._detector, self._lock = detector, threading.Lock()

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> list[Face]:
        """The faces of an RGB image."""
        with self._lock:
            return self._detector(image)


class Treatment:
    """Makes what a name stands for when it is first asked for; other names are refused."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._made: dict[tuple[str, str], Any] = {}
        self._making, self._enhancing = threading.Lock(), threading.Lock()
        self._detectors = {
            name: lambda make=make: OneByOne(make()) for name, make in tools.detectors.items()
        }

    def detector(self, name: str) -> Detector:
        """The detector of this name.

        Raises:
            RefusedError: There is none of this name.
            UserError: It cannot be made, as when its model was not fetched.
        """
        found: Detector = self._one("detector", name, self._detectors)
        return found

    def degraded(self, picture: Image, names: Sequence[str], seed: int = 0) -> Image:
        """A picture after degradations, whose draws follow from the seed and their places."""
        for place, name in enumerate(names):
            degrade = self._one("degradations", name, self._tools.degradations)
            picture = degrade(picture, np.random.default_rng([seed, place]))
        return picture

    def enhancer(self, name: str) -> Enhance:
        """What restores pictures, one at a time; raises NotFoundError for another name."""
        enhance = self._tools.models.restorer(name).enhance

        def one_by_one(picture: np.ndarray) -> np.ndarray:
            with self._enhancing:
                return enhance(picture)

        return one_by_one

    def claim(self, name: str) -> Claim:
        """What is said of pictures that this net restored, but for the picture that was sent."""
        return self._tools.models.restorer(name).claim

    def _one(self, field: str, name: str, known: Mapping[str, Callable[[], T]]) -> T:
        if name not in known:
            words = f"choose one of {', '.join(sorted(known))}"
            raise RefusedError(f"there is no {name}: {words}", [(field, words)])
        with self._making:
            if (field, name) not in self._made:
                self._made[field, name] = known[name]()
            made: T = self._made[field, name]
        return made
