"""torchmetrics classes of what faces are measured by: identity, and trembling over time.

Their pure functions are `faces.identity.cosine` and `faces.flicker.flicker`; the other measures
have theirs, and their class, in `metrics`.
"""

import numpy as np
from jaxtyping import Float, Real

from facsimile.faces.flicker import flicker
from facsimile.faces.identity import cosine
from facsimile.metrics.per_image import PerItem


class IdentityCosine(PerItem):
    """Mean cosine of pairs of face embeddings, (b, d).

    >>> import torch
    >>> metric = IdentityCosine()
    >>> one, other = torch.tensor([[1.0, 0.0], [3.0, 0.0]]), torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    >>> metric.update(one, other)
    >>> float(metric.compute())
    0.5
    """

    higher_is_better = True

    def value(self, preds: Float[np.ndarray, " d"], target: Float[np.ndarray, " d"]) -> float:
        """The cosine of one pair."""
        return cosine(preds, target)


class FlickerRatio(PerItem):
    """Mean flicker of clips by that of their originals, (b, t, c, h, w) of three frames or more.

    >>> import torch
    >>> clip = torch.rand(2, 3, 3, 8, 8)
    >>> metric = FlickerRatio()
    >>> metric.update(clip / 2, clip)
    >>> round(float(metric.compute()), 4)
    0.5
    """

    higher_is_better = False

    def value(
        self, preds: Real[np.ndarray, "t c h w"], target: Real[np.ndarray, "t c h w"]
    ) -> float:
        """The ratio of one pair of clips; NaN where the original does not change."""
        own = flicker(target)
        return flicker(preds) / own if own else float("nan")
