"""What Keras computes for `metrics=['accuracy']` on images whose last dimension is 3."""

import numpy as np
from jaxtyping import Real


def keras_accuracy(
    preds: Real[np.ndarray, "*pixels c"], target: Real[np.ndarray, "*pixels c"]
) -> float:
    """Fraction of pixels whose largest channel agrees (Keras' categorical accuracy).

    Paper 2's "accuracy" is taken to be this; ties go to the lowest channel. It says almost
    nothing about an image: constant red scores above .9 on faces, grey images always 1.
    To pool over images of different sizes, add up `matches`. Raises ValueError for other shapes.

    >>> red, green = np.array([[[9, 0, 0]]]), np.array([[[0, 9, 0]]])
    >>> keras_accuracy(red, red), keras_accuracy(red, green)
    (1.0, 0.0)
    """
    matched, pixels = matches(preds, target)
    return matched / pixels


def matches(
    preds: Real[np.ndarray, "*pixels c"], target: Real[np.ndarray, "*pixels c"]
) -> tuple[int, int]:
    """How many pixels agree in their largest channel, and how many pixels there are."""
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    agree = preds.argmax(axis=-1) == target.argmax(axis=-1)
    return int(agree.sum()), int(agree.size)
