"""Wang's SSIM by scikit-image: the definition in float64, and its parts."""

import numpy as np
from skimage.metrics import structural_similarity


def skimage_map(preds, target, data_range=255, **constants):
    """The map of valid windows."""
    _, similarity = structural_similarity(
        target.astype(np.float64),
        preds.astype(np.float64),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=data_range,
        channel_axis=2 if preds.ndim == 3 else None,
        full=True,
        **constants,
    )
    return similarity[5:-5, 5:-5]
