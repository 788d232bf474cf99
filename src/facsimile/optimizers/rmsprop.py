"""torch's RMSprop, with learning rate dropout."""

import torch

from facsimile.optimizers.lr_dropout import LearningRateDropout


class RMSprop(LearningRateDropout, torch.optim.RMSprop):
    """Takes what torch's does, by name, and `lr_dropout` and `seed`; see both."""
