"""DeepFaceLive's .dfm, run on aligned crops: ours, or a stranger's."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from jaxtyping import Float32, UInt8

from facsimile.errors import UserError
from facsimile.inference.dfm_ports import FACE, MORPH, RESULTS, Ports, ports_of
from facsimile.inference.onnx_file import open_session, read_onnx

MORPH_VALUE = 0.75  # DeepFaceLive's default
# what our exporter writes into the metadata, beside what its caller gives
MASK, LEARNED, FIXED = "facsimile.mask", "learned", "fixed"


@dataclass(frozen=True)
class Dfm:
    """A .dfm that was checked, ready to run.

    Args:
        path: The file.
        ports: What crops it takes.
        facts: Its metadata. Our own names begin with `facsimile.`; a stranger's file mostly has
            none, and its statements are a stranger's.
        session: What runs it.
    """

    path: Path
    ports: Ports
    facts: dict[str, str] = field(repr=False)
    session: onnxruntime.InferenceSession = field(repr=False, compare=False)

    @property
    def resolution(self) -> int:
        """Side of its crops, the longer where they differ, pixels."""
        return max(self.ports.height, self.ports.width)

    def run(
        self, crops: Float32[np.ndarray, "b h w 3"], morph: float
    ) -> tuple[
        Float32[np.ndarray, "b h w 1"],
        Float32[np.ndarray, "b h w 3"],
        Float32[np.ndarray, "b h w 1"],
    ]:
        """Return the target's masks, the faces and their masks, in 0..1, as the file has them.

        Raises:
            UserError: it cannot be run, or returns something else than it should.
        """
        inputs = {FACE: crops, MORPH: np.array([morph], np.float32)}
        if not self.ports.morphs:
            del inputs[MORPH]
        try:
            results = self.session.run(None, inputs)
        except Exception as error:  # onnxruntime's have no base of their own
            raise UserError(f"{self.path} cannot be run: {error}") from error
        for name, value in zip(RESULTS, results, strict=True):
            wanted = (*crops.shape[:3], RESULTS[name])
            if value.shape != wanted:
                raise UserError(
                    f"{self.path} is no .dfm: {name} comes out as {value.shape}, not {wanted}"
                )
            if not np.isfinite(value).all():
                raise UserError(f"{self.path} is damaged: {name} comes out as no numbers")
        target, face, mask = (np.clip(value, 0, 1) for value in results)
        return target, face, mask


def load_dfm(path: Path) -> Dfm:
    """Check a .dfm before anything of it is run, then run it once on black.

    Raises:
        UserError: it is no plain ONNX file (`onnx_file.read_onnx`), no .dfm
            (`dfm_ports.ports_of`), or does not run.
    """
    model, content = read_onnx(path)
    ports = ports_of(model, path)
    facts = {one.key: one.value for one in model.metadata_props}
    dfm = Dfm(path, ports, facts, open_session(content, path))
    dfm.run(np.zeros((ports.batch or 1, ports.height, ports.width, 3), np.float32), MORPH_VALUE)
    return dfm


class DfmSwapper:
    """Give each crop the face that a .dfm brings, and the mask that DeepFaceLive takes.

    That is the product of the target's mask and the swapped face's; none where our exporter put
    in one that is the same for all faces.

    Args:
        dfm: From `load_dfm`.
        morph: For a file that morphs: 0 is the target, 1 the other face.

    Raises:
        UserError: the morph value is outside 0..1.
    """

    def __init__(self, dfm: Dfm, morph: float = MORPH_VALUE) -> None:
        if not 0 <= morph <= 1:
            raise UserError(f"a morph value of {morph} is not between 0 and 1")
        self.dfm = dfm
        self.morph = morph

    @property
    def resolution(self) -> int:
        """Side that the file works at; crops are reduced to it and faces enlarged again."""
        return self.dfm.resolution

    def __call__(
        self, crops: UInt8[np.ndarray, "b h w 3"]
    ) -> tuple[Float32[np.ndarray, "b h w 3"], Float32[np.ndarray, "b h w"] | None]:
        """Swap a batch of aligned crops."""
        size = (crops.shape[2], crops.shape[1])
        targets, faces, masks = self._swapped(self._prepared(crops))
        large = np.stack([_resized(face[..., ::-1], size) for face in faces])
        if self.dfm.facts.get(MASK) == FIXED:
            return large, None
        return large, np.stack([_resized(mask[..., 0], size) for mask in targets * masks])

    def _prepared(self, crops: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b r s 3"]:
        """Reduce by area, as the training faces were; BGR in 0..1."""
        size = (self.dfm.ports.width, self.dfm.ports.height)
        small = [cv2.resize(crop, size, interpolation=cv2.INTER_AREA) for crop in crops]
        return np.stack(small)[..., ::-1].astype(np.float32) / 255

    def _swapped(self, crops: Float32[np.ndarray, "b r s 3"]) -> list[np.ndarray]:
        """Run as many crops at once as the file takes, the last batch filled up with black."""
        step = self.dfm.ports.batch or len(crops)
        batches = [crops[start : start + step] for start in range(0, len(crops), step)]
        short = step - len(batches[-1])
        batches[-1] = np.pad(batches[-1], [(0, short), (0, 0), (0, 0), (0, 0)])
        results = [self.dfm.run(batch, self.morph) for batch in batches]
        return [np.concatenate(one)[: len(crops)] for one in zip(*results, strict=True)]


def _resized(image: Float32[np.ndarray, "h w *c"], size: tuple[int, int]) -> np.ndarray:
    """Bring to (width, height); cubic, since a face is usually enlarged here."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    large = cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large, 0, 1), np.float32)
