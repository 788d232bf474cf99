"""All that the figures of `facsimile measure` depend on beside its input."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.media.files import sha256

if TYPE_CHECKING:
    from omegaconf import DictConfig

LIBRARIES = ("facsimile", "numpy", "opencv-python-headless", "av", "pandas")


def settings(cfg: DictConfig) -> dict[str, Any]:
    """The definitions of the measures, the models that find and tell faces, and the versions."""
    from facsimile.evaluation.measure_regions import SAME_PLACE
    from facsimile.metrics import ms_ssim, ssim

    window = f"{ssim.WINDOW}x{ssim.WINDOW} Gaussian, sigma {ssim.SIGMA}"
    return {
        "colour": "8-bit RGB as shown, full range; from video by its own matrix and range",
        "data_range": 255,
        "grey": "BT.601 luma of the RGB frame, rounded",
        "ssim": {
            "definition": "Wang et al. 2004, population covariance, valid windows",
            "window": window,
            "k": [ssim.K1, ssim.K2],
            "rgb": "mean of R, G and B",
            "regions": "windows wholly within the region",
        },
        "ms_ssim": {
            "definition": "Wang et al. 2003, of the grey frame, halved by the mean of 2x2 pixels",
            "weights": list(ms_ssim.WEIGHTS),
            "least_side": ms_ssim.LEAST,
        },
        "psnr": "dB, of R, G and B together; infinite ones are left out and counted",
        "pixel_cosine": "of R, G and B as one vector",
        "identity_cosine": "of the two faces' embeddings",
        "landmark_error": "mean distance of five landmarks, in eye distances of the reference",
        "pose_error": "Euclidean distance of yaw, pitch and roll, degrees",
        "sharpness": "variance of the Laplacian of the grey frame",
        "flicker": "mean absolute second difference over three frames: of the grey frame; of the "
        "face in RGB, 64x64, aligned by the middle reference frame",
        "percentiles": "linear between values, over frames",
        "regions": {
            "face": "box of the reference's foremost face, cut to the frame",
            "background": "outside the boxes of all faces found in either frame",
            "same_place": SAME_PLACE,
        },
        "faces": bool(cfg.measure.faces),
        "identity_every": int(cfg.measure.identity_every),
        **(
            {"detector": _model(cfg.detector), "embedder": _model(cfg.embedder)}
            if cfg.measure.faces
            else {}
        ),
        "versions": _versions(),
    }


def _model(chosen: DictConfig) -> dict[str, Any]:
    """A component's configuration, the model by its name and content."""
    told = {key: value for key, value in chosen.items() if key != "model"}
    if chosen.get("model"):
        path = Path(chosen.model)
        told |= {"model": path.name, "model_sha256": sha256(path)}
    return {str(key): value for key, value in told.items()}


def _versions() -> dict[str, str]:
    import av

    versions = {name: version(name) for name in LIBRARIES}
    codec = ".".join(map(str, av.library_versions["libavcodec"]))
    return versions | {"libavcodec": codec}
