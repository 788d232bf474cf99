"""A studio below a temporary folder, with tools of a few lines, for what tests pages and API."""

from pathlib import Path

import numpy as np

from facsimile.faces.detect import Face
from facsimile.provenance.sign import Claim
from facsimile.studio.errors import NotFoundError
from facsimile.studio.models import Model, Restorer
from facsimile.studio.settings import StudioSettings, Tools

STATED = {"kind": "folder", "licence": "made for this test", "consent": "nobody is shown"}
LANDMARKS = np.array([[10, 12], [22, 12], [16, 18], [11, 24], [21, 24]], np.float32)


def detect(image):
    """One face where there is light, none in the dark."""
    if image.mean() < 64:
        return []
    return [Face((4.0, 4.0, 24.0, 28.0), LANDMARKS, 0.75)]


def darken(image, rng):
    """Halves an image, less or more as it draws."""
    return (image * rng.uniform(0.4, 0.6)).astype(np.uint8)


class Doubling:
    """A list of one net, which makes pictures brighter."""

    def models(self):
        return [Model("brighter", "enhancement", "dncnn", metrics={"test/psnr": 31.5})]

    def restorer(self, name):
        if name != "brighter":
            raise NotFoundError(f"there is no {name}")
        claim = Claim("enhancement", "made brighter", name, "0" * 64, ("none",), "nobody is shown")
        return Restorer(
            lambda image: np.clip(image.astype(int) * 2, 0, 255).astype(np.uint8), claim
        )


def settings(root: Path, **more) -> StudioSettings:
    """Of a studio whose data sets lie below root/raw."""
    tools = Tools(
        detectors={"yunet": lambda: detect, "other": lambda: detect},
        degradations={"darken": lambda: darken, "lighten": lambda: lambda image, rng: image | 128},
        models=Doubling(),
    )
    given = {
        "local": root / "local",
        "folder": root / "studio",
        "raw": root / "raw",
        "project": root,
        "reserved": frozenset(("sample", "dfdc")),
        "hosts": ("testserver",),
        "tools": tools,
    }
    return StudioSettings(**given | more)


def described(root: Path, name: str = "mine", **more):
    """The fields of a data set below root/raw."""
    return {"name": name, "root": str(root / "raw" / name), **STATED, **more}


def write_pictures(folder: Path, count: int = 3) -> None:
    """Pictures of noise, the first of them dark."""
    from facsimile.media.image import write_image

    for number in range(count):
        highest = 256 if number else 20
        image = np.random.default_rng(number).integers(0, highest, (40, 32, 3), np.uint8)
        write_image(folder / f"p{number}.png", image)
