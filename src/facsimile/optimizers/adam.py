"""torch's Adam, with learning rate dropout."""

import torch

from facsimile.optimizers.lr_dropout import LearningRateDropout


class Adam(LearningRateDropout, torch.optim.Adam):
    """Takes what torch's does, by name, and `lr_dropout` and `seed`; see both."""
