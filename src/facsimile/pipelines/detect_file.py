"""What `detect` does to one file: find its faces, score them, and map what speaks for a fake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from facsimile.data.extraction import Found, Look
    from facsimile.data.records import Clip
    from facsimile.pipelines.detect_net import DetectorNet
    from facsimile.pipelines.enhance_progress import EnhanceProgress

LABEL = "ANALYSIS"
_SHOWN = 256  # side of a shown face, pixels: in a smaller one nobody could read the label


@dataclass(frozen=True, eq=False)
class Scored:
    """A face with its score of being fake, and the square that the net saw, RGB."""

    found: Found
    score: float
    square: np.ndarray


@dataclass
class Judged:
    """One file: its score, its frames, and the names of the pictures of its highest faces.

    `frames` have `frame`, `time` in seconds, `score` (None where no face was found, and then a
    `problem`) and `faces`, each with `bbox` in pixels, `detection` and `score`.
    """

    path: str
    sha256: str
    kind: str
    score: float | None = None
    problem: str | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    maps: list[str] = field(default_factory=list)


Keep = Callable[[str, "np.ndarray"], None]


def judge(
    work: DetectorNet, clip: Clip, result: Judged, keep: Keep, progress: EnhanceProgress
) -> None:
    """Score one file; one that cannot be read or shows no face says so.

    Args:
        work: The detector.
        clip: The file.
        result: What is known of it, to be completed.
        keep: Takes the picture of a face, RGB, and its name, one after the other.
        progress: Where the frames are counted.
    """
    highest: list[Scored] = []
    looks = work.extraction.clip([clip], clip.path.parent)
    total = work.frames if clip.kind == "video" else 1
    for look in progress.watch(looks, result.path, "frames", total):
        faces = _scored(work, look.found)
        result.frames.append(_told(look, faces))
        ranked = sorted([*highest, *faces], key=lambda face: face.score, reverse=True)
        highest = ranked[: work.maps]
    scores = [one["score"] for one in result.frames if one["score"] is not None]
    if scores:
        result.score = sum(scores) / len(scores)
    else:
        result.problem = next((one["problem"] for one in result.frames), "it holds no frame")
    for face in highest:
        result.maps.append(_picture_name(result.path, face))
        keep(result.maps[-1], _mapped(work, face))


def _scored(work: DetectorNet, found: list[Found]) -> list[Scored]:
    import cv2
    import numpy as np
    from scipy.special import expit

    from facsimile.data.sizes import squared
    from facsimile.evaluation.fake_logits import fake_logits

    if not found:
        return []
    crops = [
        cv2.imdecode(np.frombuffer(one.picture, np.uint8), cv2.IMREAD_COLOR_RGB) for one in found
    ]
    squares = [squared(np.asarray(crop, np.uint8), work.size) for crop in crops]
    scores = expit(fake_logits(work.net, np.stack(squares)))
    return [Scored(*one) for one in zip(found, scores.tolist(), squares, strict=True)]


def _told(look: Look, faces: list[Scored]) -> dict[str, Any]:
    """A frame as detect.json tells of it."""
    told: dict[str, Any] = {"frame": look.frame, "score": None, "faces": []}
    if faces:
        told |= {"time": faces[0].found.row["time"], "score": max(face.score for face in faces)}
    else:
        told["problem"] = look.rejected[0].reason
    for face in faces:
        box = [round(float(number), 1) for number in face.found.face.bbox]
        detection = round(float(face.found.face.score), 4)
        told["faces"].append({"bbox": box, "detection": detection, "score": face.score})
    return told


def _picture_name(path: str, face: Scored) -> str:
    from facsimile.data.batching import safe_file_name

    frame = face.found.name.rpartition("/")[2]
    return f"{safe_file_name(path)}_{frame}"


def _mapped(work: DetectorNet, face: Scored) -> np.ndarray:
    """The face, and beside it beneath its heat map; enlarged, and marked as an analysis."""
    import cv2
    import numpy as np
    import torch

    from facsimile.data.batches import net_input
    from facsimile.inference.grad_cam import grad_cam, laid_over
    from facsimile.rendering.label import Label

    _, heat = grad_cam(work.net, net_input(torch.from_numpy(face.square[None])))
    side = max(_SHOWN, work.size)
    large = cv2.resize(face.square, (side, side), interpolation=cv2.INTER_CUBIC)
    warm = cv2.resize(heat[0].numpy(), (side, side), interpolation=cv2.INTER_LINEAR)
    both = np.hstack([large, laid_over(large, warm)])
    return Label(f"{LABEL} {face.score:.3f}")(np.asarray(both, np.uint8))
