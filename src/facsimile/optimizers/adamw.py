"""torch's AdamW, with learning rate dropout."""

import torch

from facsimile.optimizers.lr_dropout import LearningRateDropout


class AdamW(LearningRateDropout, torch.optim.AdamW):
    """Takes what torch's does, by name, and `lr_dropout` and `seed`; see both.

    What a step leaves out does not decay in it either.
    """
