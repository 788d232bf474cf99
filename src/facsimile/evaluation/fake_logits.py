"""What a trained detector says of faces."""

import numpy as np
import torch
from jaxtyping import Float64, UInt8
from torch import nn

from facsimile.data.batches import net_input


@torch.inference_mode()
def fake_logits(net: nn.Module, squares: UInt8[np.ndarray, "n s s 3"]) -> Float64[np.ndarray, " n"]:
    """A logit of being fake for each face, RGB; `scipy.special.expit` makes it a score of 0..1.

    Args:
        net: Faces to logits, in evaluation mode.
        squares: As it saw them in training.
    """
    return np.asarray(net(net_input(torch.from_numpy(squares))).double())
